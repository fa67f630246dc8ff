package stats

import (
	"bytes"
	"flag"
	"math"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write the seed anew")

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.Abs(got-want) > tolerance {
		t.Errorf("%s = %.6f, want %.6f", what, got, want)
	}
}

// Values from Newcombe (1998), table I, method 3: the score interval without continuity correction.
func TestWilsonEqualsPublishedIntervals(t *testing.T) {
	for _, c := range []struct {
		k, n      int
		low, high float64
	}{
		{81, 263, 0.2553, 0.3662},
		{15, 148, 0.0624, 0.1605},
		{0, 20, 0.0000, 0.1611},
		{1, 29, 0.0061, 0.1718},
	} {
		low, high := Wilson(c.k, c.n)
		near(t, "low", low, c.low, 0.00005)
		near(t, "high", high, c.high, 0.00005)
	}
}

func TestWilsonStaysWithinZeroAndOne(t *testing.T) {
	for n := 1; n < 200; n++ {
		for _, k := range []int{0, n} {
			if low, high := Wilson(k, n); low < 0 || high > 1 || low >= high {
				t.Fatalf("Wilson(%d, %d) = %v, %v", k, n, low, high)
			}
		}
	}
}

// Values from the usual tables of exact (Garwood) limits of a Poisson mean.
func TestPoissonEqualsPublishedLimits(t *testing.T) {
	for _, c := range []struct {
		k         int
		low, high float64
	}{
		{0, 0, 3.6889},
		{1, 0.0253, 5.5716},
		{2, 0.2422, 7.2247},
		{5, 1.6235, 11.6683},
		{10, 4.7954, 18.3904},
		{20, 12.2165, 30.8884},
		{50, 37.1110, 65.9187},
		{100, 81.3639, 121.6268},
	} {
		low, high := Poisson(c.k)
		near(t, "low", low, c.low, 0.0001)
		near(t, "high", high, c.high, 0.0001)
	}
}

// Ranks for a median from the usual table of sign-test intervals (Conover; also Hahn and Meeker).
func TestMedianRanksEqualPublishedOnes(t *testing.T) {
	for _, c := range []struct{ n, low, high int }{
		{6, 1, 6},
		{7, 1, 7},
		{8, 1, 8},
		{9, 2, 8},
		{10, 2, 9},
		{11, 2, 10},
		{12, 3, 10},
		{15, 4, 12},
		{20, 6, 15},
		{25, 8, 18},
		{30, 10, 21},
		{40, 14, 27},
		{50, 18, 33},
		{100, 40, 61},
	} {
		low, lowOK, high, highOK := Ranks(c.n, 0.5)
		if !lowOK || !highOK || low != c.low || high != c.high {
			t.Errorf("n=%d: %d,%v to %d,%v, want %d to %d", c.n, low, lowOK, high, highOK, c.low, c.high)
		}
	}
}

func TestSmallSamplesHaveNoLimitWhereTheyCannotHaveOne(t *testing.T) {
	for n := 0; n <= 5; n++ {
		if _, lowOK, _, highOK := Ranks(n, 0.5); lowOK || highOK {
			t.Errorf("a median of %d values is bounded", n)
		}
	}
	// The largest of n values is above the 90th percentile with confidence 97.5% from n = 36 on: 0.9^36 = 0.0225.
	if _, _, _, ok := Ranks(35, 0.9); ok {
		t.Error("35 values bound the 90th percentile from above")
	}
	if _, _, high, ok := Ranks(36, 0.9); !ok || high != 36 {
		t.Errorf("36 values: rank %d, %v, want 36", high, ok)
	}
}

func TestRanksCoverAtLeastNinetyFivePercentAndNoNarrowerPairDoes(t *testing.T) {
	for _, p := range []float64{0.5, 0.9} {
		for n := 1; n <= MaxN; n++ {
			low, lowOK, high, highOK := Ranks(n, p)
			cdf := func(r int) float64 { // P(B < r)
				s := 0.0
				for i := 0; i < r; i++ {
					s += binomialPMF(n, i, p)
				}
				return s
			}
			if lowOK && (cdf(low) > tail || cdf(low+1) <= tail) {
				t.Fatalf("n=%d p=%v: low rank %d", n, p, low)
			}
			if highOK && (1-cdf(high) > tail+1e-12 || high > 1 && 1-cdf(high-1) <= tail-1e-12) {
				t.Fatalf("n=%d p=%v: high rank %d", n, p, high)
			}
		}
	}
}

func TestTheCommittedSeedIsTheGeneratedOne(t *testing.T) {
	const path = "../seeds/static/stats_limits.csv"
	var want bytes.Buffer
	if err := WriteSeed(&want); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Errorf("%s differs from what this package computes; run: go test ./dbt/stats -update", path)
	}
}
