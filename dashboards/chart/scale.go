package chart

import "math"

// Axis is the scale of values: what its ticks are and where a value lies, from 0 at one end to 1 at the other.
type Axis struct {
	Ticks []float64
	At    func(float64) float64
}

// DurationAxis is logarithmic and covers all the seconds, of which there is one at least.
func DurationAxis(seconds []float64) Axis {
	s := newLogScale(seconds)
	return Axis{s.ticks, s.at}
}

// AmountAxis is linear from zero to most at least; a share ends at 1.
func AmountAxis(most float64) Axis { return linear(amountTicks(most)) }

// CountAxis is linear from zero to most at least, in whole numbers.
func CountAxis(most float64) Axis { return linear(countTicks(most)) }

func linear(ticks []float64) Axis {
	top := ticks[len(ticks)-1]
	return Axis{ticks, func(v float64) float64 { return math.Min(math.Max(v, 0), top) / top }}
}

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

// amountTicks are round numbers from 0 to at least most, about four of them.
func amountTicks(most float64) []float64 {
	if most <= 0 {
		return []float64{0, 1}
	}
	step := math.Pow(10, math.Floor(math.Log10(most)))
	for _, f := range []float64{0.25, 0.5, 1, 2.5} {
		if most/(step*f) <= 4 {
			step *= f
			break
		}
	}
	ticks := []float64{0}
	for i := 1; ; i++ {
		v := math.Round(step*float64(i)*1e6) / 1e6 // 0.1 + 0.2 is 0.3 on an axis
		ticks = append(ticks, v)
		if v >= most {
			return ticks
		}
	}
}

// secondSteps are the steps of a linear axis of durations, in seconds; longer ones are of tens of days.
var secondSteps = []float64{1, 5, 15, 30, 60, 300, 900, 1800, 3600, 2 * 3600, 4 * 3600, 6 * 3600, 12 * 3600, 86400, 2 * 86400, 5 * 86400}

// secondTicks are durations from 0 to at least most, about four of them.
func secondTicks(most float64) []float64 {
	if most <= 0 {
		return []float64{0, 1}
	}
	step := 0.0
	for _, step = range secondSteps {
		if most/step <= 4 {
			break
		}
	}
	if most/step > 4 {
		ticks := amountTicks(most / 86400)
		for i := range ticks {
			ticks[i] *= 86400
		}
		return ticks
	}
	ticks := []float64{0}
	for v := step; ; v += step {
		ticks = append(ticks, v)
		if v >= most {
			return ticks
		}
	}
}
