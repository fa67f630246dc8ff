package chart

import "math"

// ColumnsChart is what amounts by period or category are drawn from; it has the one or the other.
type ColumnsChart struct {
	Head
	Scale
	Periods    []Period
	Categories []string // of a histogram: its classes, in order
	Joined     bool     // of a histogram: no space between classes
	Series     []Series // stacked, the first at the foot, where columns are easiest to compare
	Others     string   // the name of what the series past the eighth are together
	Totals     bool     // writes the sum above each column that has the room
	Goal       *Goal
}

// Columns draws amounts as columns that stand on each other.
func Columns(c ColumnsChart, size Size) *Drawing {
	periods, series := c.Periods, classed(c.Series, c.Others)
	if c.Categories != nil {
		periods = make([]Period, len(c.Categories))
	}
	totals, most, left := stacked(series, len(periods))
	axis := c.length(most)
	if most > 0 && c.Goal != nil && drawable(c.Goal.V) {
		axis = c.length(math.Max(most, c.Goal.V))
	}
	least := 34.0
	if c.Unit != Counts {
		least = 46
	}
	p := NewPlot(c.Key, size, periods, c.room(axis, least))
	p.Title, p.Desc = c.Title, c.Desc
	if c.Totals {
		p.Top += 6
	}
	p.ticks(axis, c.Scale)
	p.OpenPeriods()
	p.columns(c, axis, series, totals)
	if most <= 0 {
		c.empty(p.Drawing, (p.Left+p.Right)/2, (p.Top+p.Bottom)/2)
	} else {
		p.goal(axis, c.Goal)
	}
	c.leave(p.Drawing, left)
	if c.Categories != nil {
		p.categories(c.Categories)
	} else {
		p.Axis()
	}
	if most > 0 {
		p.goalName(axis, c.Goal, [][]*Point{p.tops(axis, totals)})
	}
	p.Legend = append(legend(series, AreaKey), c.Keys...)
	return p.Drawing
}

// stacked are the sums by place, the greatest of them, and how many values have no place in a stack.
func stacked(series []Series, places int) (totals []float64, most float64, left int) {
	totals = make([]float64, places)
	for _, s := range series {
		for i := range min(places, len(s.Values)) {
			if v := s.at(i); v != nil {
				totals[i] += v.V
				most = math.Max(most, totals[i])
			} else if s.Values[i] != nil {
				left++
			}
		}
	}
	return totals, most, left
}

// tops are the ends of the columns.
func (p Plot) tops(axis Axis, totals []float64) []*Point {
	var out []*Point
	for i, v := range totals {
		out = append(out, &Point{p.X(i), p.Y(axis.At(v))})
	}
	return out
}

func (p Plot) columns(c ColumnsChart, axis Axis, series []Series, totals []float64) {
	width := math.Min(p.Step()*0.72, 34)
	if c.Categories != nil {
		width = math.Min(p.Step()*0.72, 56)
	}
	if c.Joined {
		width = p.Step()
	}
	for i := range p.Periods {
		foot := 0.0
		for _, s := range series {
			v := s.at(i)
			if v == nil || v.V == 0 {
				continue
			}
			y := p.Y(axis.At(foot + v.V))
			class := "bar " + s.Class
			if p.Periods[i].Open {
				class += " pendingbar"
			}
			if v.Few {
				class += " fewmark"
			}
			if width < 5 {
				class += " thin"
			}
			m := p.Rect(class, p.X(i)-width/2, y, width, p.Y(axis.At(foot))-y)
			m.Tip, m.Href = v.Tip, v.Href
			foot += v.V
		}
		if text := c.write(totals[i]); c.Totals && totals[i] > 0 && textWidth(text, 10.5) <= p.Step()-2 {
			p.Text("total", p.X(i), p.Y(axis.At(totals[i]))-4, "middle", text)
		}
	}
}

// categories writes a name under each column, in two lines where one is too narrow; where even a few letters have no room, under
// every second or third.
func (p Plot) categories(names []string) {
	every := 1
	for float64(every)*p.Step() < 30 {
		every++
	}
	for i, name := range names {
		if i%every != 0 {
			continue
		}
		lines := wrap(name, tickSize, float64(every)*p.Step()-4, 2)
		for j, line := range lines {
			m := p.Text("tick", p.X(i), p.Bottom+17+14*float64(j), "middle", line)
			if line != name && j == len(lines)-1 {
				m.Tip = name
			}
		}
	}
}
