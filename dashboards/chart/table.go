package chart

import "math"

// TableChart is a table to be taken along as a picture.
type TableChart struct {
	Head
	Columns []TableColumn
	Rows    [][]string
	More    string // says that there are more rows; "" for none
}

// TableColumn is the head of a column.
type TableColumn struct {
	Text string
	Num  bool // numbers end at the right
}

const (
	tableRow    = 24.0
	tableGap    = 18.0
	tableWidest = 340.0 // of a column
	tableRows   = 60
)

// Table draws rows under their heads, each column as wide as it needs, up to a width at which words are shortened.
func Table(c TableChart, size Size) *Drawing {
	d := c.start(size)
	rows := c.Rows[:min(len(c.Rows), tableRows)]
	widths := make([]float64, len(c.Columns))
	for i, h := range c.Columns {
		widths[i] = textWidth(h.Text, labelSize) * 1.06
		for _, r := range rows {
			if i < len(r) {
				widths[i] = math.Max(widths[i], textWidth(r[i], labelSize))
			}
		}
		widths[i] = math.Min(math.Ceil(widths[i]), tableWidest)
	}
	total := 0.0
	for _, w := range widths {
		total += w + tableGap
	}
	d.W, d.H = int(math.Max(total-tableGap, 200)), int(tableRow*float64(len(rows)+1))+8
	put := func(class string, cells []string, y float64) {
		x := 0.0
		for i, h := range c.Columns {
			if i < len(cells) {
				text, short := fit(cells[i], labelSize, widths[i])
				at, anchor := x, "start"
				if h.Num {
					at, anchor = x+widths[i], "end"
				}
				m := d.Text(class, at, y, anchor, text)
				if short {
					m.Tip = cells[i]
				}
			}
			x += widths[i] + tableGap
		}
	}
	heads := make([]string, len(c.Columns))
	for i, h := range c.Columns {
		heads[i] = h.Text
	}
	put("tablehead", heads, 15)
	for i, r := range rows {
		y := tableRow * float64(i+1)
		d.Line("rowline", 0, y, float64(d.W), y)
		put("tablecell", r, y+16)
	}
	if c.More != "" {
		d.H += int(tableRow)
		d.Text("tick", 0, float64(d.H)-8, "start", c.More)
	}
	return d
}
