package chart

import "math"

// WaterfallChart is what stages that follow each other are drawn from.
type WaterfallChart struct {
	Head
	Scale
	Stages []Stage
	Bar    string // what a bar's length is, for the legend
	Tick   string // what the thin mark is
}

// Stage is one of them. Each bar begins where the one before ends; a stage without a value has none.
type Stage struct {
	Label   string
	Value   *Value   // usually the median stay
	P90     *float64 // counted from the bar's beginning
	Written string   // the value, in a column at the right
	Sample  string   // like "n = 12"
}

// p90Reach is how many times the whole length the ninth decile may stretch the axis: those farther off end in an arrow at
// its edge, or one slow stage would make all bars a line.
const p90Reach = 2.0

// Waterfall draws the stages as bars, each a row lower and where the one before ended.
func Waterfall(c WaterfallChart, size Size) *Drawing {
	d := c.start(size)
	names, written, samples := 40.0, 0.0, 0.0
	total, far, left := 0.0, 0.0, 0
	for _, s := range c.Stages {
		names = math.Max(names, textWidth(s.Label, labelSize))
		written = math.Max(written, textWidth(s.Written, tickSize*1.05))
		samples = math.Max(samples, textWidth(s.Sample, tickSize))
		from := total
		if v := s.Value; v != nil && drawable(v.V) {
			total += v.V
		} else if v != nil {
			left++
			continue
		}
		if p := limit(s.P90); p != nil {
			far = math.Max(far, from+*p)
		}
	}
	far = math.Max(math.Min(far, total*p90Reach), total)
	names = math.Min(names, float64(size.W)*0.34)
	start, head, row := names+10, 0.0, 30.0
	end := float64(d.W) - written - samples - 36
	if size.IsNarrow() {
		start, head, row, end = 0, narrowHead, narrowRow, float64(d.W)-16
	}
	axis := c.length(far)
	x := func(v float64) float64 { return start + axis.At(v)*(end-start) }
	top := 6.0
	bottom := top + row*float64(max(len(c.Stages), 2))
	d.H = int(bottom) + 26
	d.columnsOfTicks(c.Scale, axis, x, top, bottom)
	if total <= 0 {
		c.empty(d, (start+end)/2, (top+bottom)/2)
	}
	from := 0.0
	for i, s := range c.Stages {
		y := top + row*float64(i)
		if size.IsNarrow() {
			d.label(s.Label, y+13, float64(d.W)-samples-written-26)
			d.figures(s, samples, y+13)
			d.Line("base", start, y+head+2, start, y+head+barRow-2)
		} else {
			d.label(s.Label, y+row/2+4, names)
			d.figures(s, samples, y+row/2+4)
		}
		joint := row
		if size.IsNarrow() || i+1 == len(c.Stages) {
			joint = 0 // it would run through the next name
		}
		from = d.stage(s, from, joint, x, end, y+head+(math.Min(row-head, barRow+4)-barHeight)/2)
	}
	if !size.IsNarrow() {
		d.Line("base", start, top, start, bottom)
	}
	if c.Bar != "" {
		d.Legend = append(d.Legend, LegendKey{AreaKey, "phase", c.Bar})
	}
	if c.Tick != "" {
		d.Legend = append(d.Legend, LegendKey{TickKey, "", c.Tick})
	}
	d.Legend = append(d.Legend, c.Keys...)
	c.leave(d, left)
	return d
}

// figures writes the value and the sample of a stage in columns at the right: beside the bar they would be taken for the ninth
// decile's.
func (d *Drawing) figures(s Stage, samples, y float64) {
	class := "written"
	if s.Value != nil && s.Value.Few {
		class += " fewmark"
	}
	d.Text(class, float64(d.W)-samples-14, y, "end", s.Written)
	d.Text("tick", float64(d.W), y, "end", s.Sample)
}

// stage draws a bar with its ninth decile and the line to the next bar, a row below if that is not 0, and gives where it ends.
func (d *Drawing) stage(s Stage, from, row float64, x func(float64) float64, end, y float64) float64 {
	v := s.Value
	if v == nil || !drawable(v.V) {
		return from
	}
	few := ""
	if v.Few {
		few = " fewmark"
	}
	left, right := x(from), math.Max(x(from+v.V), x(from)+1)
	m := d.Rect("bar phase"+few, left, y, right-left, barHeight)
	m.Tip, m.Href = v.Tip, v.Href
	if row > 0 {
		d.Line("joint", right, y+barHeight, right, y+row)
	}
	if p := limit(s.P90); p != nil {
		at := x(from + *p)
		middle := y + barHeight/2
		if at > right {
			d.Line("p90way", right, middle, at, middle)
		}
		if at >= end-0.5 && from+*p > from+v.V {
			d.Path("p90tick"+few, "M"+Px(end-4)+" "+Px(middle-4)+"L"+Px(end)+" "+Px(middle)+"L"+Px(end-4)+" "+Px(middle+4))
		} else {
			d.Line("p90tick"+few, at, y-2, at, y+barHeight+2)
		}
	}
	return from + v.V
}
