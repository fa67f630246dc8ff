package reference

import (
	"math"
	"math/big"
	"slices"
	"sync"
)

// limits are the two ends of what a figure is good for at 95% (M2); nil where the sample is too small to say.
type limits struct{ low, high *float64 }

// z is the 97.5th percentile of the standard normal distribution, to the digits in which the product writes it.
const z = 1.959964

// wilson is the score interval of k in n.
func wilson(k, n int) limits {
	if n == 0 {
		return limits{}
	}
	p, m := float64(k)/float64(n), float64(n)
	centre := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	low, high := max(0, centre-half), min(1, centre+half)
	return limits{&low, &high}
}

// exact is how many are counted before the normal approximation is good enough (M2).
const exact = 1000

var poissonDone sync.Map // int to limits

// poisson are the exact limits of a count: the means at which so many or more, and so many or fewer, are seen one time in
// forty.
func poisson(k int) limits {
	if k > exact {
		low, high := float64(k)-z*math.Sqrt(float64(k)), float64(k)+z*math.Sqrt(float64(k))
		return limits{&low, &high}
	}
	if done, ok := poissonDone.Load(k); ok {
		return done.(limits)
	}
	low := 0.0
	if k > 0 {
		low = bisect(float64(k), func(mean float64) bool { return 1-atMost(k-1, mean) < 0.025 })
	}
	high := bisect(float64(2*k+20), func(mean float64) bool { return atMost(k, mean) > 0.025 })
	out := limits{&low, &high}
	poissonDone.Store(k, out)
	return out
}

// bisect finds where something that holds for small means ceases to, below a bound.
func bisect(bound float64, holds func(float64) bool) float64 {
	low, high := 0.0, bound
	for range 100 {
		if middle := (low + high) / 2; holds(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}

// atMost is the probability that a Poisson variable of that mean is at most k, summed term by term.
func atMost(k int, mean float64) float64 {
	if mean == 0 {
		return 1
	}
	sum := 0.0
	for i := 0; i <= k; i++ {
		sum += math.Exp(float64(i)*math.Log(mean) - mean - logFactorials()[i])
	}
	return sum
}

var logFactorials = sync.OnceValue(func() []float64 {
	out := []float64{0}
	for i := 1; i <= exact+1; i++ {
		out = append(out, out[i-1]+math.Log(float64(i)))
	}
	return out
})

type rankKey struct{ n, percent int }

var ranksDone sync.Map // rankKey to [2]int

// ranks are those, from 1, of the values of n that hold a percentile between them whatever the distribution: each side
// leaves out at most one in forty; 0 where the sample is too small. With B the number of values below the percentile, which
// is binomial, the r-th smallest is above it when fewer than r are below.
func ranks(n, percent int) (low, high int) {
	if n > exact {
		p := float64(percent) / 100
		m, half := float64(n)*p, z*math.Sqrt(float64(n)*p*(1-p))
		return max(1, int(math.Floor(m-half))), min(n, int(math.Ceil(m+half))+1)
	}
	if done, ok := ranksDone.Load(rankKey{n, percent}); ok {
		pair := done.([2]int)
		return pair[0], pair[1]
	}
	// Whole numbers: there are 100^n equally likely ways, and below of them have fewer than r values below.
	ways := new(big.Int).Exp(big.NewInt(100), big.NewInt(int64(n)), nil)
	below := new(big.Int)
	for r := 1; r <= n; r++ {
		term := new(big.Int).Binomial(int64(n), int64(r-1))
		term.Mul(term, new(big.Int).Exp(big.NewInt(int64(percent)), big.NewInt(int64(r-1)), nil))
		term.Mul(term, new(big.Int).Exp(big.NewInt(int64(100-percent)), big.NewInt(int64(n-r+1)), nil))
		below.Add(below, term)
		forty := new(big.Int).Mul(below, big.NewInt(40))
		if forty.Cmp(ways) <= 0 {
			low = r
		}
		rest := new(big.Int).Sub(ways, below)
		if high == 0 && rest.Mul(rest, big.NewInt(40)).Cmp(ways) <= 0 {
			high = r
		}
	}
	ranksDone.Store(rankKey{n, percent}, [2]int{low, high})
	return low, high
}

// orderLimits are the values at the ranks.
func orderLimits(sorted []float64, percent int) limits {
	low, high := ranks(len(sorted), percent)
	var out limits
	if low > 0 {
		out.low = &sorted[low-1]
	}
	if high > 0 {
		out.high = &sorted[high-1]
	}
	return out
}

// quantile is the continuous one of sorted values: it lies between the two nearest by distance (M1).
func quantile(sorted []float64, percent int) float64 {
	steps := percent * (len(sorted) - 1) // in hundredths of a place
	at, part := steps/100, float64(steps%100)/100
	if part == 0 {
		return sorted[at]
	}
	return sorted[at] + (sorted[at+1]-sorted[at])*part
}

// level is that of the report of 2023 (B); empty for a metric that has none.
func level(metric string, value float64) string {
	const hour, day = 3600, 86400
	reaches := func(elite, high, medium bool) string {
		switch {
		case elite:
			return "elite"
		case high:
			return "high"
		case medium:
			return "medium"
		}
		return "low"
	}
	switch metric {
	case "lead_time_median_seconds":
		return reaches(value < day, value < 7*day, value < 30*day)
	case "deployments_per_day":
		return reaches(value >= 1, value >= 1.0/7, value >= 1.0/31)
	case "change_failure_rate":
		return reaches(value <= 0.05, value <= 0.10, value <= 0.15)
	case "failed_deployment_recovery_median_seconds":
		return reaches(value < hour, value < day, value < 7*day)
	}
	return ""
}

func sortedCopy(of []float64) []float64 {
	out := slices.Clone(of)
	slices.Sort(out)
	return out
}
