package chart

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAxesHaveTicksThatPeopleThinkIn(t *testing.T) {
	for max, want := range map[float64][]float64{
		0: {0, 1}, 1: {0, 1}, 3: {0, 1, 2, 3}, 5: {0, 2, 4, 6}, 19: {0, 5, 10, 15, 20}, 40: {0, 10, 20, 30, 40}, 41: {0, 20, 40, 60}, 700: {0, 200, 400, 600, 800},
	} {
		if diff := cmp.Diff(want, countTicks(max)); diff != "" {
			t.Errorf("to %v (-want +got)\n%s", max, diff)
		}
	}
	for _, c := range []struct{ values, want []float64 }{
		{[]float64{700, 5000}, []float64{600, 3600, 21600}},
		{[]float64{0, 0}, []float64{1, 10}},
		{[]float64{60}, []float64{60, 600}},
		{[]float64{3600, 3600}, []float64{3600, 21600}},
		{[]float64{1e12}, []float64{86_400_000, 864_000_000}},
	} {
		s := newLogScale(c.values)
		if diff := cmp.Diff(c.want, s.ticks); diff != "" {
			t.Errorf("of %v (-want +got)\n%s", c.values, diff)
		}
		for _, v := range c.values {
			if at := s.at(v); at < 0 || at > 1 || math.IsNaN(at) {
				t.Errorf("%v is at %v", v, at)
			}
		}
	}
}

func TestACoordinateIsWrittenOneWayOnly(t *testing.T) {
	for v, want := range map[float64]string{0: "0", -0.01: "0", 1.25: "1.3", 12: "12", 0.1 + 0.2: "0.3", 1234.56: "1234.6"} {
		if got := Px(v); got != want {
			t.Errorf("%v is %q, want %q", v, got, want)
		}
	}
}

func TestAxesOfAmountsHaveRoundTicks(t *testing.T) {
	for most, want := range map[float64][]float64{
		0: {0, 1}, 1: {0, 0.25, 0.5, 0.75, 1}, 0.13: {0, 0.05, 0.1, 0.15}, 0.3: {0, 0.1, 0.2, 0.3}, 3.2: {0, 1, 2, 3, 4}, 7: {0, 2.5, 5, 7.5}, 110: {0, 50, 100, 150},
	} {
		if diff := cmp.Diff(want, amountTicks(most)); diff != "" {
			t.Errorf("to %v (-want +got)\n%s", most, diff)
		}
	}
}
