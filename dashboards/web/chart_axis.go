package web

// plot is the area of a chart over time: periods side by side along x.
type plot struct {
	d                        *drawing
	left, right, top, bottom float64
	buckets                  []bucket
}

// bucket is a period on the axis.
type bucket struct {
	Start day
	Open  bool
}

func newPlot(id string, sz size, buckets []bucket, left float64) plot {
	d := &drawing{ID: id + "-" + sz.suffix, Class: "chart " + sz.suffix, W: sz.w, H: sz.h}
	return plot{d: d, left: left, right: float64(sz.w) - 16, top: 10, bottom: float64(sz.h) - 36, buckets: buckets}
}

// step is the width of a period.
func (p plot) step() float64 { return (p.right - p.left) / float64(len(p.buckets)) }

// x is the middle of the i-th period.
func (p plot) x(i int) float64 { return p.left + (float64(i)+0.5)*p.step() }

// y maps 0..1 to the height of the plot.
func (p plot) y(share float64) float64 { return p.bottom - share*(p.bottom-p.top) }

// grid draws a horizontal line and its label.
func (p plot) grid(share float64, label string) {
	y := p.y(share)
	class := "grid"
	if share == 0 {
		class = "base"
	}
	p.d.line(class, p.left, y, p.right, y)
	p.d.text("tick", p.left-8, y+4, "end", label)
}

// openPeriods hatches what is not over.
func (p plot) openPeriods() {
	for i, b := range p.buckets {
		if b.Open {
			p.d.hatched(p.x(i)-p.step()/2, p.top, p.step(), p.bottom-p.top)
		}
	}
}

// roughWidth is about how wide a bold label is.
func roughWidth(s string) float64 {
	w := 0.0
	for _, r := range s {
		w += 7
		if r >= 0x1100 {
			w += 5
		}
	}
	return w
}

type yearLabel struct {
	x    float64
	text string
}

// axis draws a tick at the start of each period and names as many as there is room for, the year under the first and
// under each new one.
func (p plot) axis(l *language, period string) {
	room := 40.0
	if period == "week" {
		room = 52
	}
	every := 1
	for float64(every)*p.step() < room {
		every++
	}
	last := len(p.buckets) - 1
	var said *day
	var years []yearLabel
	for i, b := range p.buckets {
		x := p.x(i) - p.step()/2
		if (last-i)%every != 0 {
			if p.step() > 4 {
				p.d.line("tickmark", x, p.bottom, x, p.bottom+3)
			}
			continue
		}
		p.d.line("tickmark", x, p.bottom, x, p.bottom+5)
		p.d.text("tick", p.x(i), p.bottom+17, "middle", l.Tick(period, b.Start))
		if said == nil || !said.sameYear(b.Start) {
			years = append(years, yearLabel{p.x(i), l.Year(b.Start)})
			said = &b.Start
		}
	}
	for i, y := range years {
		if i+1 < len(years) && years[i+1].x-y.x < roughWidth(y.text)+4 {
			continue // no room for both: the later one says which the earlier was
		}
		p.d.text("tick year", y.x, p.bottom+31, "middle", y.text)
	}
}
