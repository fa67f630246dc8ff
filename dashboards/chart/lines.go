package chart

import (
	"math"
	"slices"
)

// LinesChart is what values by period are drawn from.
type LinesChart struct {
	Head
	Scale
	Periods []Period
	Series  []Series // the first is drawn uppermost
	Others  string   // what the legend calls the series past the eighth, which are grey: rates and medians cannot be added
	Goal    *Goal
	Ribbon  bool // the interval as an area between periods instead of a bar at each
}

// Goal is a value to reach.
type Goal struct {
	V     float64
	Label string
}

// Lines draws a line for each series, broken where nothing was measured, with the interval of each value. Limits of few do not
// stretch the axis; their bars end at its edge.
func Lines(c LinesChart, size Size) *Drawing {
	series := classed(c.Series, "")
	values, left := c.values(series)
	if len(values) == 0 {
		p := NewPlot(c.Key, size, c.Periods, 46)
		p.Title = c.Title
		p.Grid(0, "")
		p.OpenPeriods()
		c.empty(p.Drawing, (p.Left+p.Right)/2, (p.Top+p.Bottom)/2)
		p.Axis()
		c.leave(p.Drawing, left)
		return p.Drawing
	}
	axis := c.axis(values)
	p := NewPlot(c.Key, size, c.Periods, c.room(axis, 46))
	p.Title, p.Desc = c.Title, c.Desc
	c.leave(p.Drawing, left)
	p.ticks(axis, c.Scale)
	p.OpenPeriods()
	for _, s := range series {
		p.intervals(axis, s, c.Ribbon)
	}
	p.goal(axis, c.Goal)
	places := make([][]*Point, len(series))
	for i := len(series) - 1; i >= 0; i-- {
		places[i] = p.places(axis, series[i])
		p.Path(lineClass(series[i].Class), Polyline(places[i]))
	}
	r := 4.0
	if slices.ContainsFunc(series, func(s Series) bool { return s.Class != "main" && pointClass(s.Class) != "" }) {
		r = 3.25
	}
	for i := len(series) - 1; i >= 0; i-- {
		p.points(series[i], places[i], r)
	}
	p.Axis()
	p.goalName(axis, c.Goal, places)
	p.Legend = append(c.lineKeys(series), c.Keys...)
	return p.Drawing
}

// lineKeys explains the lines; the grey ones are one where they have a name.
func (c LinesChart) lineKeys(series []Series) []LegendKey {
	keys, grey := legend(series, LineKey), seriesClass(colours+1)
	i := slices.IndexFunc(keys, func(k LegendKey) bool { return k.Class == grey })
	if i < 0 || c.Others == "" {
		return keys
	}
	keys[i].Text = c.Others
	return append(keys[:i+1], slices.DeleteFunc(keys[i+1:], func(k LegendKey) bool { return k.Class == grey })...)
}

// values are those that the axis has to cover, and how many have no place on it.
func (c LinesChart) values(series []Series) (values []float64, left int) {
	for _, s := range series {
		for i := range min(len(s.Values), len(c.Periods)) {
			v := s.at(i)
			if v == nil {
				if s.Values[i] != nil {
					left++
				}
				continue
			}
			values = append(values, v.V)
			for _, l := range []*float64{limit(v.Low), limit(v.High)} {
				if l != nil && !v.Few && (c.Unit != LogSeconds || *l >= 1) { // nothing is no place on a logarithmic scale
					values = append(values, *l)
				}
			}
		}
	}
	if len(values) > 0 && c.Goal != nil && drawable(c.Goal.V) {
		values = append(values, c.Goal.V)
	}
	return values, left
}

// ticks draws the grid of an axis.
func (p Plot) ticks(a Axis, s Scale) {
	for _, t := range a.Ticks {
		p.Grid(a.At(t), s.write(t))
	}
}

// places are where the values of a series are; nil where there is none.
func (p Plot) places(a Axis, s Series) []*Point {
	out := make([]*Point, len(p.Periods))
	for i := range out {
		if v := s.at(i); v != nil {
			out[i] = &Point{p.X(i), p.Y(a.At(v.V))}
		}
	}
	return out
}

// points draws the dots of a line. Where periods are narrower than dots, those that a line shows have none.
func (p Plot) points(s Series, places []*Point, r float64) {
	class := pointClass(s.Class)
	if class == "" {
		return
	}
	if p.Step() < 12 {
		r = 2.5
	}
	for i, at := range places {
		if at == nil {
			continue
		}
		v, own, radius := s.at(i), class, r
		if v.Few {
			own += " fewpoint"
		}
		if p.Step() < 4 {
			if !v.Few && v.Href == "" && !alone(places, i) {
				continue
			}
			radius = 1.75
		}
		m := p.Circle(own, at.X, at.Y, radius)
		m.Tip, m.Href = v.Tip, v.Href
	}
}

// alone says whether a point has gaps on both sides, so that no line shows it.
func alone(points []*Point, i int) bool {
	return (i == 0 || points[i-1] == nil) && (i == len(points)-1 || points[i+1] == nil)
}

// intervals draws what is known of each value. As bars, because between periods nothing was measured; a ribbon runs between
// neighbours.
func (p Plot) intervals(a Axis, s Series, ribbon bool) {
	width := math.Min(p.Step()*0.56, 26)
	var top, foot []Point
	flush := func() {
		if len(top) > 1 {
			p.Path(bandClass(s.Class), ribbonPath(top, foot))
		} else if len(top) == 1 {
			p.Rect(bandClass(s.Class), top[0].X-width/2, top[0].Y, width, foot[0].Y-top[0].Y)
		}
		top, foot = nil, nil
	}
	for i := range p.Periods {
		v := s.at(i)
		if v == nil || limit(v.Low) == nil && limit(v.High) == nil {
			flush()
			continue
		}
		high, low := p.Top, p.Bottom // a limit that is not known is as far as can be seen
		if l := limit(v.High); l != nil {
			high = p.Y(a.At(*l))
		}
		if l := limit(v.Low); l != nil {
			low = p.Y(a.At(*l))
		}
		if low < high {
			low, high = high, low
		}
		if ribbon {
			top, foot = append(top, Point{p.X(i), high}), append(foot, Point{p.X(i), low})
			continue
		}
		class := bandClass(s.Class)
		if v.Few {
			class += " fewmark"
		}
		p.Rect(class, p.X(i)-width/2, high, width, low-high)
	}
	flush()
}

// ribbonPath runs along the upper limits and back along the lower ones.
func ribbonPath(top, foot []Point) string {
	var around []*Point
	for i := range top {
		around = append(around, &top[i])
	}
	for i := len(foot) - 1; i >= 0; i-- {
		around = append(around, &foot[i])
	}
	return Polyline(around) + "Z"
}

// goal draws the line of a goal, goalName its name: over all else, where it hides least of the lines.
func (p Plot) goal(a Axis, g *Goal) {
	if g != nil && drawable(g.V) {
		y := p.Y(a.At(g.V))
		p.Line("goal", p.Left, y, p.Right, y)
	}
}

func (p Plot) goalName(a Axis, g *Goal, lines [][]*Point) {
	if g == nil || !drawable(g.V) {
		return
	}
	text, _ := fit(g.Label, 11.5, p.Right-p.Left-8)
	width, at := textWidth(text, 11.5), p.Y(a.At(g.V))
	left, y, least := 0.0, 0.0, math.Inf(1)
	for _, x := range []float64{p.Left + 4, p.Right - 4 - width, (p.Left + p.Right - width) / 2} {
		for _, base := range []float64{at - 5, at + 13} {
			if hidden := crossings(lines, x, x+width, base-14, base+6); base > p.Top+8 && base < p.Bottom-2 && hidden < least {
				left, y, least = x, base, hidden
			}
		}
	}
	if !math.IsInf(least, 1) {
		p.Text("goalname", left, y, "start", text)
	}
}

// crossings is how much of some lines is within a box, in steps of four pixels.
func crossings(lines [][]*Point, left, right, top, bottom float64) float64 {
	n := 0.0
	for _, line := range lines {
		for i, to := range line {
			if to == nil {
				continue
			}
			from := to
			if i > 0 && line[i-1] != nil {
				from = line[i-1]
			}
			steps := math.Max(1, math.Ceil((to.X-from.X)/4))
			for k := range int(steps) {
				f := float64(k+1) / steps
				if x, y := from.X+f*(to.X-from.X), from.Y+f*(to.Y-from.Y); x >= left-4 && x <= right+4 && y >= top && y <= bottom {
					n++
				}
			}
		}
	}
	return n
}

// lineClass, pointClass and bandClass are the classes of the marks of a series. The main one has those of a single line.
func lineClass(class string) string {
	switch class {
	case "main":
		return "medianline"
	case "second":
		return "p90line"
	}
	return "line " + class
}

func pointClass(class string) string {
	switch class {
	case "main":
		return "medianpoint"
	case "second":
		return "" // a dotted line stands behind another, which has the dots
	}
	return "point " + class
}

func bandClass(class string) string {
	if class == "main" || class == "second" {
		return "interval"
	}
	return "band " + class
}
