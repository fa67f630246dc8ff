package web

import (
	"math"
	"slices"
	"time"
	"unicode/utf8"

	"fourfold/dashboards/chart"
)

// timeScale maps instants to x. From start to end it is to scale, always; before and after, a stretch that would take much
// of the width is cut: it has a fixed width and says its length.
type timeScale struct {
	instants []time.Time
	xs       []float64
	cuts     []timeCut
}

type timeCut struct {
	x1, x2 float64
	length time.Duration
}

// newTimeScale lays instants between left and right. A stretch outside of start to end that is longer than half of it is cut.
func newTimeScale(instants []time.Time, start, end time.Time, left, right, cutWidth float64) timeScale {
	instants = slices.Clone(instants)
	slices.SortFunc(instants, time.Time.Compare)
	instants = slices.CompactFunc(instants, time.Time.Equal)
	s := timeScale{instants: instants, xs: make([]float64, len(instants))}
	core := math.Max(end.Sub(start).Seconds(), 1)
	isCut := make([]bool, len(instants))
	total, cuts := 0.0, 0
	for i := 1; i < len(instants); i++ {
		length := instants[i].Sub(instants[i-1]).Seconds()
		outside := !instants[i-1].Before(end) || !instants[i].After(start)
		if isCut[i] = outside && length > core/2; isCut[i] {
			cuts++
			continue
		}
		total += length
	}
	cutWidth = math.Min(cutWidth, 0.45*(right-left)/math.Max(float64(cuts), 1))
	perSecond := (right - left - cutWidth*float64(cuts)) / math.Max(total, 1)
	x := left
	for i := range instants {
		if i > 0 {
			length := instants[i].Sub(instants[i-1])
			if isCut[i] {
				s.cuts = append(s.cuts, timeCut{x, x + cutWidth, length})
				x += cutWidth
			} else {
				x += length.Seconds() * perSecond
			}
		}
		s.xs[i] = x
	}
	return s
}

// x is the place of one of the scale's instants.
func (s timeScale) x(at time.Time) float64 {
	i, _ := slices.BinarySearchFunc(s.instants, at, time.Time.Compare)
	return s.xs[min(i, len(s.xs)-1)]
}

// Heights of the drawing, from its top.
const (
	timeBandTop, timeBandBottom = 34.0, 64.0
	timeLane                    = 22.0
)

// drawTimeline draws the band of statuses to scale, what the time to restore measures above it, and below it each mark with
// its number in the table; where there is room, also in words.
func drawTimeline(l *language, t timeline, sz chart.Size) *chart.Drawing {
	d := &chart.Drawing{ID: "timeline-" + sz.Name, Class: "chart timeline " + sz.Name, W: sz.W, Title: t.Title, Desc: t.Desc}
	var instants []time.Time
	for _, s := range t.Stays {
		instants = append(instants, s.From, s.To)
	}
	for _, v := range t.Marks {
		instants = append(instants, v.At)
	}
	start, end := t.Start, t.End
	if start.IsZero() || end.Before(start) { // nothing is measured
		start, end = slices.MinFunc(instants, time.Time.Compare), slices.MaxFunc(instants, time.Time.Compare)
	}
	instants = append(instants, start, end)
	cut := 84.0
	if sz.IsNarrow() {
		cut = 50
	}
	scale := newTimeScale(instants, start, end, 12, float64(sz.W)-12, cut)
	drawStays(d, t.Stays, scale)
	for _, c := range scale.cuts {
		middle := (c.x1 + c.x2) / 2
		d.Path("cutgap", "M"+chart.Px(middle-2)+" "+chart.Px(timeBandBottom+4)+"l5 -38h7l-5 38z")
		length := c.length.Seconds()
		d.Text("tick", middle, timeBandTop-8, "middle", l.Duration(&length))
	}
	if t.Restore != "" {
		x1, x2 := scale.x(t.Start), scale.x(t.End)
		class := "measured"
		if t.Open {
			class = "measured stillopen"
		}
		d.Path(class, "M"+chart.Px(x1)+" 29v-5H"+chart.Px(x2)+"v5")
		middle, half := (x1+x2)/2, textWidth(t.Restore)/2+4
		middle = math.Max(half, math.Min(float64(sz.W)-half, middle))
		d.Text("rowlabel", middle, 16, "middle", t.Restore)
	}
	depth := drawMarks(d, t.Marks, scale, sz)
	d.H = int(timeBandBottom + 14 + timeLane*float64(depth))
	return d
}

// drawStays draws each stay in a status, and over all of them their names and lengths where they fit.
func drawStays(d *chart.Drawing, stays []timeStay, scale timeScale) {
	for _, s := range stays {
		x1, x2 := scale.x(s.From), scale.x(s.To)
		if x2 <= x1 && x1 >= float64(d.W)-14 { // it began with the last thing that happened
			x2 = float64(d.W)
		}
		m := d.Rect("stay "+phaseClass(s.Category), x1, timeBandTop, math.Max(x2-x1, 1), timeBandBottom-timeBandTop)
		m.Tip = s.Name + " " + s.Length
	}
	for _, s := range stays {
		x1, both := scale.x(s.From), s.Name+" "+s.Length
		room := scale.x(s.To) - x1 - 14
		for _, c := range scale.cuts {
			if middle := (c.x1 + c.x2) / 2; middle > x1 {
				room = math.Min(room, middle-x1-16)
			}
		}
		switch {
		case textWidth(both) < room:
			d.Text("stayname", x1+8, timeBandBottom-10, "start", both)
		case textWidth(s.Name) < room:
			d.Text("stayname", x1+8, timeBandBottom-10, "start", s.Name)
		}
	}
}

// drawMarks draws the marks from right to left: each in the first lane below those whose lines its words would cross. It gives
// the number of lanes.
func drawMarks(d *chart.Drawing, marks []timeMark, scale timeScale, sz chart.Size) int {
	lanes := make([]int, len(marks))
	words := make([]string, len(marks))
	depth := 0
	type placed struct{ x, from, to float64 }
	places := make([]placed, len(marks))
	for i, v := range marks {
		words[i] = chart.Clip(v.What, 40) + " · " + v.Clock
		p := placed{x: scale.x(v.At)}
		number := pillWidth(v.Numbers)
		p.from, p.to = p.x-number/2-1, p.x+number/2+1
		if !sz.IsNarrow() {
			p.to += textWidth(words[i]) + 8
			if p.to > float64(sz.W) { // words to the left
				p.from, p.to = p.x-number/2-textWidth(words[i])-8, p.x+number/2+1
			}
		}
		places[i] = p
	}
	for i := len(marks) - 1; i >= 0; i-- {
		clash := func(lane int) bool {
			for j := i + 1; j < len(marks); j++ {
				overlaps := lanes[j] == lane && places[i].from < places[j].to && places[j].from < places[i].to
				crosses := lanes[j] > lane && places[i].from < places[j].x && places[j].x < places[i].to // its line these words
				if overlaps || crosses {
					return true
				}
			}
			return false
		}
		for clash(lanes[i]) {
			lanes[i]++
		}
		depth = max(depth, lanes[i]+1)
	}
	for i, v := range marks {
		d.Line("leader "+v.Class, places[i].x, timeBandBottom-6, places[i].x, timeBandBottom+10+timeLane*float64(lanes[i]))
	}
	for i, v := range marks {
		p := places[i]
		y := timeBandBottom + 18 + timeLane*float64(lanes[i])
		number := pillWidth(v.Numbers)
		pill := d.Rect("pill "+v.Class, p.x-number/2, y-8, number, 16)
		pill.R, pill.Tip, pill.Href = "8", words[i], v.Href
		d.Text("pilltext "+v.Class, p.x, y+4, "middle", v.Numbers)
		if sz.IsNarrow() {
			continue
		}
		if p.x-p.from > number {
			d.Text("marktext", p.x-number/2-5, y+4, "end", words[i])
		} else {
			d.Text("marktext", p.x+number/2+5, y+4, "start", words[i])
		}
	}
	return depth
}

func pillWidth(numbers string) float64 { return 10 + 6.5*float64(utf8.RuneCountInString(numbers)) }

// textWidth is about how wide words of a drawing are.
func textWidth(s string) float64 {
	w := 0.0
	for _, r := range s {
		if r >= 0x1100 {
			w += 12.5
		} else {
			w += 6.6
		}
	}
	return w
}
