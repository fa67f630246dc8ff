package web

import "math"

// niceSteps are the durations that people think in, in seconds: where an axis of durations has its ticks.
var niceSteps = []float64{1, 10, 60, 600, 3600, 6 * 3600, 86400, 7 * 86400, 30 * 86400, 180 * 86400, 1000 * 86400, 10000 * 86400}

// logScale maps durations to 0..1 on a logarithmic scale between two nice ticks.
type logScale struct{ ticks []float64 }

// newLogScale covers all values; there must be one at least. Below a second there is nothing: those are at the edge.
func newLogScale(values []float64) logScale {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		low, high = math.Min(low, v), math.Max(high, v)
	}
	first, last := 0, len(niceSteps)-1
	for first+1 < len(niceSteps) && niceSteps[first+1] <= low {
		first++
	}
	for last-1 > first && niceSteps[last-1] >= high {
		last--
	}
	if last == first {
		first--
	}
	return logScale{niceSteps[first : last+1]}
}

func (s logScale) at(v float64) float64 {
	low, high := s.ticks[0], s.ticks[len(s.ticks)-1]
	v = math.Min(math.Max(v, low), high)
	return (math.Log(v) - math.Log(low)) / (math.Log(high) - math.Log(low))
}

// countTicks are whole numbers from 0 to at least max, about four of them.
func countTicks(max float64) []float64 {
	step := 1.0
	for i := 0; max/step > 4; i++ {
		step *= []float64{2, 2.5, 2}[i%3] // 1 2 5 10 20 50
	}
	ticks := []float64{0}
	for v := step; ; v += step {
		ticks = append(ticks, v)
		if v >= max {
			return ticks
		}
	}
}
