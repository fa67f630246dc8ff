package chart

import (
	"math"
	"slices"
	"strconv"
)

// Head is what is said of a chart.
type Head struct {
	Key     string // of the panel: ids are made from it
	Title   string
	Desc    string             // for those who do not see it
	Nothing string             // said instead, and in the chart's place, where there is nothing to draw
	Left    func(n int) string // said after Desc of n values that have no place in the chart: negative ones, and rows past the last
	Keys    []LegendKey        // what else the legend explains: an interval, few, an open period
}

// Scale says what an axis counts in.
type Scale struct {
	Unit  Unit
	Per   float64              // what amounts are counted in: 1/7 where they are said per week; 0 is 1
	Write func(float64) string // a tick; strconv's shortest form if nil
	Name  string               // of the axis, where a chart has two that differ
}

// Unit is a kind of number.
type Unit int

const (
	Amounts    Unit = iota // from zero
	Counts                 // from zero, ticks are whole numbers
	Shares                 // from zero to 1 at most
	Seconds                // durations from zero, ticks at minutes, hours and days
	LogSeconds             // durations on a logarithmic scale; where lengths are compared it is Seconds
)

// Value is a number with what is known of it. Where a chart takes *Value, nil is a gap.
type Value struct {
	V         float64
	Low, High *float64 // 95% interval
	Few       bool     // rests on few: grey or hollow
	Tip       string
	Href      string
}

// Series are the values that share a colour, in the order of a chart's periods, categories or rows.
type Series struct {
	Label  string
	Class  string // "" takes the next colour; "sev1" is a severity's, "main" and "second" the accent and a dotted line
	Values []*Value
}

// at is the i-th value; nil where there is none that could be drawn.
func (s Series) at(i int) *Value {
	if i >= len(s.Values) || s.Values[i] == nil || !drawable(s.Values[i].V) {
		return nil
	}
	return s.Values[i]
}

// farthest is more than anything that is measured; beyond it ticks have no names.
const farthest = 1e15

// drawable says whether a number has a place on an axis that begins at zero.
func drawable(v float64) bool { return v >= 0 && v <= farthest }

// limit is a limit of an interval that can be drawn, or nil.
func limit(v *float64) *float64 {
	if v == nil || math.IsNaN(*v) || *v > farthest {
		return nil
	}
	if *v < 0 {
		zero := 0.0
		return &zero
	}
	return v
}

// start makes an empty drawing in a size.
func (h Head) start(size Size) *Drawing {
	return &Drawing{ID: h.Key + "-" + size.Name, Class: "chart " + size.Name, W: size.W, H: size.H, Title: h.Title, Desc: h.Desc}
}

// leave says what had no place.
func (h Head) leave(d *Drawing, n int) {
	if n > 0 && h.Left != nil {
		d.Desc += " " + h.Left(n)
	}
}

// empty says in words that there is nothing, at the middle of the room.
func (h Head) empty(d *Drawing, x, y float64) {
	d.Desc = h.Nothing
	lines := wrap(h.Nothing, 13, float64(d.W)*.7, 3)
	for i, line := range lines {
		d.Text("nothing", x, y+4+18*(float64(i)-float64(len(lines)-1)/2), "middle", line)
	}
}

// write writes a tick.
func (s Scale) write(v float64) string {
	if s.Write != nil {
		return s.Write(v)
	}
	return strconv.FormatFloat(v, 'g', 6, 64)
}

// axis covers values, of which there is one at least.
func (s Scale) axis(values []float64) Axis {
	if s.Unit == LogSeconds {
		return DurationAxis(values)
	}
	return s.length(slices.Max(values))
}

// length is the axis of what is compared by its length: it begins at zero.
func (s Scale) length(most float64) Axis {
	switch s.Unit {
	case Counts:
		return CountAxis(most)
	case Shares:
		return AmountAxis(math.Min(most, 1))
	case Seconds, LogSeconds:
		return linear(secondTicks(most))
	}
	per := s.Per
	if per <= 0 {
		per = 1
	}
	a := AmountAxis(most / per)
	for i := range a.Ticks {
		a.Ticks[i] *= per
	}
	return linear(a.Ticks)
}

// room is how wide the ticks of an axis are with the space beside them; there is least at least.
func (s Scale) room(a Axis, least float64) float64 {
	for _, t := range a.Ticks {
		least = math.Max(least, math.Ceil(textWidth(s.write(t), tickSize))+14)
	}
	return least
}

// tickSize is how large the letters of ticks are.
const tickSize = 11.5

// colours is how many series have a colour of their own.
const colours = 8

// classed gives each series its class. Where there are more than colours, the smallest become one that is called others, if it has a
// name, by adding their values.
func classed(series []Series, others string) []Series {
	out := slices.Clone(series)
	next := 0
	for i := range out {
		if out[i].Class == "" {
			next++
			out[i].Class = seriesClass(next)
		}
	}
	if next <= colours || others == "" {
		return out
	}
	sums := map[int]float64{}
	var order []int
	for i, s := range series {
		if s.Class != "" {
			continue
		}
		for j := range s.Values {
			if v := s.at(j); v != nil {
				sums[i] += v.V
			}
		}
		order = append(order, i)
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case sums[a] > sums[b]:
			return -1
		case sums[a] < sums[b]:
			return 1
		}
		return 0
	})
	small := map[int]bool{}
	for _, i := range order[colours:] {
		small[i] = true
	}
	rest := Series{Label: others, Class: "ser0"}
	out, next = out[:0], 0
	for i, s := range series {
		if small[i] {
			rest.Values = added(rest.Values, s)
			continue
		}
		if s.Class == "" {
			next++
			s.Class = seriesClass(next)
		}
		out = append(out, s)
	}
	return append(out, rest)
}

// added adds the values of a series to those that are there.
func added(sum []*Value, s Series) []*Value {
	for i := range s.Values {
		if i >= len(sum) {
			sum = append(sum, nil)
		}
		v := s.at(i)
		if v == nil {
			continue
		}
		if sum[i] == nil {
			sum[i] = &Value{}
		}
		sum[i].V += v.V
	}
	return sum
}

// seriesClass is the class of the n-th colour, from 1; grey, ser0, past the last.
func seriesClass(n int) string {
	if n > colours {
		return "ser0"
	}
	return "ser" + strconv.Itoa(n)
}

// legend explains the colours of the series, where there is more than one.
func legend(series []Series, kind KeyKind) []LegendKey {
	if len(series) < 2 {
		return nil
	}
	var out []LegendKey
	for _, s := range series {
		out = append(out, LegendKey{kind, s.Class, s.Label})
	}
	return out
}
