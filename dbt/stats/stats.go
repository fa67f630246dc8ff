// Package stats computes the limits at 95% that stand beside every number (rule M2) and writes them as the seed that the
// dbt project reads: exact Poisson limits of a count, and the ranks of the order statistics that hold a median or a 90th
// percentile. It is arithmetic only; it reads no data.
package stats

import (
	"fmt"
	"io"
	"math"
	"strconv"
)

// Z is the 97.5th percentile of the standard normal distribution, as the SQL of the dbt project writes it.
const Z = 1.959964

// MaxN is the largest sample for which the seed has exact limits; the SQL uses the normal approximation beyond.
const MaxN = 1000

// tail is the probability that each limit leaves outside, on its side.
const tail = 0.025

// Wilson gives the 95% score interval of a rate of k in n. It panics unless 0 <= k <= n and n > 0.
func Wilson(k, n int) (low, high float64) {
	if n <= 0 || k < 0 || k > n {
		panic(fmt.Sprintf("stats: Wilson of %d in %d", k, n))
	}
	p, m := float64(k)/float64(n), float64(n)
	centre := p + Z*Z/(2*m)
	half := Z * math.Sqrt(p*(1-p)/m+Z*Z/(4*m*m))
	scale := 1 + Z*Z/m
	return max(0, (centre-half)/scale), min(1, (centre+half)/scale)
}

// Poisson gives the exact 95% limits of the mean of a Poisson count that was seen to be k: halves of the chi-square
// quantiles 2.5% with 2k and 97.5% with 2k+2 degrees of freedom. It panics for a negative k.
func Poisson(k int) (low, high float64) {
	if k < 0 {
		panic(fmt.Sprintf("stats: Poisson limits of %d", k))
	}
	if k > 0 {
		// The mean at which k or more are seen with probability 2.5%.
		low = solve(float64(k), func(mean float64) float64 { return 1 - poissonCDF(k-1, mean) - tail })
	}
	// The mean at which k or fewer are seen with probability 2.5%.
	high = solve(float64(k)+1, func(mean float64) float64 { return tail - poissonCDF(k, mean) })
	return low, high
}

// Ranks gives the ranks, from 1, of the two order statistics of n values between which the p-quantile lies with at least
// 95% confidence whatever the distribution, each side leaving out at most 2.5%. ok is false on a side where even the
// smallest or the largest value leaves out more: the sample is too small to bound it.
func Ranks(n int, p float64) (low int, lowOK bool, high int, highOK bool) {
	// The quantile is below the r-th smallest value when fewer than r values are below the quantile, and so on: with B the
	// number of values below it, binomial(n, p), low is the greatest r with P(B < r) <= 2.5%, high the least r with P(B >= r) <= 2.5%.
	below := 0.0 // P(B < r)
	for r := 1; r <= n; r++ {
		below += binomialPMF(n, r-1, p)
		if below <= tail {
			low, lowOK = r, true
		}
		if 1-below <= tail {
			return low, lowOK, r, true
		}
	}
	return low, lowOK, 0, false
}

// WriteSeed writes the seed stats_limits as CSV: one row for each n from 0 to MaxN; an empty cell is null, no limit.
func WriteSeed(w io.Writer) error {
	if _, err := io.WriteString(w, "n,count_low,count_high,median_low_rank,median_high_rank,p90_low_rank,p90_high_rank\n"); err != nil {
		return fmt.Errorf("stats: write the seed: %w", err)
	}
	for n := 0; n <= MaxN; n++ {
		low, high := Poisson(n)
		line := fmt.Sprintf("%d,%s,%s", n, decimal(low), decimal(high))
		for _, p := range []float64{0.5, 0.9} {
			lo, loOK, hi, hiOK := Ranks(n, p)
			line += "," + rank(lo, loOK) + "," + rank(hi, hiOK)
		}
		if _, err := io.WriteString(w, line+"\n"); err != nil {
			return fmt.Errorf("stats: write the seed: %w", err)
		}
	}
	return nil
}

// Six decimals are the same on every machine, whatever its floating-point library does with the last bits.
func decimal(v float64) string { return strconv.FormatFloat(v, 'f', 6, 64) }

func rank(r int, ok bool) string {
	if !ok {
		return ""
	}
	return strconv.Itoa(r)
}

// poissonCDF is the probability of k or fewer at the given mean, summed downwards from the term of k.
func poissonCDF(k int, mean float64) float64 {
	lg, _ := math.Lgamma(float64(k) + 1)
	term := math.Exp(float64(k)*math.Log(mean) - mean - lg)
	sum := 0.0
	for i := k; i >= 0; i-- {
		sum += term
		term *= float64(i) / mean
	}
	return min(1, sum)
}

func binomialPMF(n, k int, p float64) float64 {
	a, _ := math.Lgamma(float64(n) + 1)
	b, _ := math.Lgamma(float64(k) + 1)
	c, _ := math.Lgamma(float64(n-k) + 1)
	return math.Exp(a - b - c + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
}

// solve finds the root of a rising function of a positive mean, near a first guess, by bisection.
func solve(near float64, rising func(float64) float64) float64 {
	spread := 8 * (math.Sqrt(near) + 2)
	lo, hi := max(1e-9, near-spread), near+spread
	for range 200 {
		mid := lo + (hi-lo)/2
		if rising(mid) < 0 {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo + (hi-lo)/2
}
