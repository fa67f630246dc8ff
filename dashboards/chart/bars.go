package chart

import "math"

// BarsChart is what amounts of things with names are drawn from, a row for each.
type BarsChart struct {
	Head
	Scale
	Rows   []BarRow
	Series []Series           // label and class of the parts of each row, in their order; one without a label needs no legend
	Most   int                // rows that are drawn; 40 if zero
	More   func(n int) string // names the rows that are not
}

// BarRow is one thing.
type BarRow struct {
	Label   string
	Href    string
	Parts   []*Value // one after the other, in the order of the series
	Written string   // the value, at the end of the bar
	Low     *float64 // interval of the whole
	High    *float64
	Few     bool
}

const (
	barRow     = 26.0
	barHeight  = 16.0
	narrowRow  = 44.0 // with the name above the bar
	narrowHead = 16.0
	labelSize  = 12.5
	barsAtMost = 40
)

// Bars draws a horizontal bar for each row.
func Bars(c BarsChart, size Size) *Drawing {
	most := c.Most
	if most <= 0 {
		most = barsAtMost
	}
	rows, more := c.Rows, 0
	if len(rows) > most {
		rows, more = rows[:most], len(rows)-most
	}
	series := classed(c.Series, "")
	d := c.start(size)
	far, written, left := c.extent(rows)
	names := labelRoom(rows, size)
	start, head, row := names+10, 0.0, barRow
	if size.IsNarrow() {
		start, head, row = 0, narrowHead, narrowRow
	}
	top := 6.0
	bottom := top + row*float64(max(len(rows), 2))
	d.H = int(bottom) + 26
	end := float64(d.W) - math.Max(written+8, 16)
	axis := c.length(far)
	x := func(v float64) float64 { return start + axis.At(v)*(end-start) }
	d.columnsOfTicks(c.Scale, axis, x, top, bottom)
	if len(rows) == 0 || far <= 0 && written == 0 {
		c.empty(d, (start+end)/2, (top+bottom)/2)
	}
	for i, r := range rows {
		y := top + row*float64(i)
		if size.IsNarrow() {
			d.label(r.Label, y+13, float64(d.W))
		} else {
			d.label(r.Label, y+barRow/2+4, names)
		}
		d.bar(r, series, x, y+head+(barRow-barHeight)/2)
		if size.IsNarrow() {
			d.Line("base", start, y+head+2, start, y+head+barRow-2)
		}
	}
	if !size.IsNarrow() {
		d.Line("base", start, top, start, bottom)
	}
	if more > 0 && c.More != nil {
		d.Text("tick", 0, float64(d.H)+12, "start", c.More(more))
		d.Desc += " " + c.More(more)
		d.H += 20
	}
	c.leave(d, left)
	d.Legend = append(legend(series, AreaKey), c.Keys...)
	return d
}

// extent is the farthest value, the room that written values need, and how many parts have no place.
func (c BarsChart) extent(rows []BarRow) (far, written float64, left int) {
	for _, r := range rows {
		sum := 0.0
		for _, v := range r.Parts {
			if v != nil && drawable(v.V) {
				sum += v.V
			} else if v != nil {
				left++
			}
		}
		far = math.Max(far, sum)
		if h := limit(r.High); h != nil && !r.Few {
			far = math.Max(far, *h)
		}
		written = math.Max(written, textWidth(r.Written, tickSize*1.05))
	}
	return far, written, left
}

// labelRoom is the width that the names have: what they need, up to a third of the chart.
func labelRoom(rows []BarRow, size Size) float64 {
	w := 40.0
	for _, r := range rows {
		w = math.Max(w, textWidth(r.Label, labelSize))
	}
	return math.Min(w, float64(size.W)*0.34)
}

// label writes a name at the left, shortened to a width; the whole is in its tip.
func (d *Drawing) label(name string, y, width float64) {
	text, short := fit(name, labelSize, width)
	if m := d.Text("label", 0, y, "start", text); short {
		m.Tip = name
	}
}

// columnsOfTicks draws the vertical grid of an axis that lies along x, and names its ticks at the foot.
func (d *Drawing) columnsOfTicks(s Scale, a Axis, x func(float64) float64, top, bottom float64) {
	free := math.Inf(-1)
	for _, t := range a.Ticks {
		at, text := x(t), s.write(t)
		d.Line("grid", at, top, at, bottom)
		w := textWidth(text, tickSize)
		anchor, from := "middle", at-w/2
		if from < 0 {
			anchor, from = "start", at
		} else if at+w/2 > float64(d.W) {
			anchor, from = "end", at-w
		}
		if from < free {
			continue // no room beside the one before
		}
		free = from + w + 6
		d.Text("tick", at, bottom+17, anchor, text)
	}
}

// bar draws a row's parts, its interval and what is written at its end.
func (d *Drawing) bar(r BarRow, series []Series, x func(float64) float64, y float64) {
	sum := 0.0
	for j, v := range r.Parts {
		if v == nil || !drawable(v.V) || v.V == 0 {
			continue
		}
		class := "bar ser1"
		if j < len(series) {
			class = "bar " + series[j].Class
		}
		if r.Few || v.Few {
			class += " fewmark"
		}
		m := d.Rect(class, x(sum), y, math.Max(x(sum+v.V)-x(sum), 0.5), barHeight)
		if m.Tip, m.Href = v.Tip, v.Href; m.Href == "" {
			m.Href = r.Href
		}
		sum += v.V
	}
	end := x(sum)
	if low, high := limit(r.Low), limit(r.High); low != nil && high != nil && *low <= *high {
		path := whisker(x(*low), x(*high), y+barHeight/2)
		d.Path("whiskerway", path)
		d.Path("whisker", path)
		end = math.Max(end, x(*high))
	}
	if r.Written != "" {
		class := "written"
		if r.Few {
			class += " fewmark"
		}
		d.Text(class, end+6, y+barHeight-4, "start", r.Written)
	}
}

// whisker is a line with an end at both sides.
func whisker(from, to, y float64) string {
	return "M" + Px(from) + " " + Px(y-3) + "v6M" + Px(from) + " " + Px(y) + "H" + Px(to) + "M" + Px(to) + " " + Px(y-3) + "v6"
}
