package chart

import (
	"math"
	"strconv"
)

// HeatmapChart is what amounts of rows and columns, like weekdays and hours, are drawn from.
type HeatmapChart struct {
	Head
	Scale
	Rows    []string
	Columns []string
	Named   bool       // whether each column is named, however little room there is: they follow from nothing, as hours do
	Cells   [][]*Value // by row and column; nil is no cell
	Between func(low, high float64) string
	Marked  []Region
	Mark    string // what is marked, like working hours
}

// Region is a part of the cells that is outlined.
type Region struct{ Row, Column, Rows, Columns int }

// heatClasses is how many shades there are besides that of zero.
const heatClasses = 5

// heatRows is how many rows are drawn.
const heatRows = 100

// Heatmap draws a cell for each row and column, the darker (in the dark: the lighter) the more.
func Heatmap(c HeatmapChart, size Size) *Drawing {
	d := c.start(size)
	rows := c.Rows[:min(len(c.Rows), heatRows)]
	most, left := c.extent(rows)
	names := 0.0
	for _, r := range rows {
		names = math.Max(names, textWidth(r, tickSize))
	}
	names = math.Min(names, float64(size.W)*0.3)
	start, top := names+8, 4.0
	width := (float64(d.W) - start - 2) / float64(max(len(c.Columns), 1))
	room := float64(size.H) - top - 24
	height := math.Min(math.Max(room/float64(max(len(rows), 1)), 16), math.Max(34, width*0.6))
	bottom := top + height*float64(max(len(rows), 1))
	d.H = int(math.Ceil(bottom)) + 24
	step, widest, drawn := c.step(most), 0.0, 0
	for i := range rows {
		for j := range min(len(c.Columns), lengthOf(c.Cells, i)) {
			if v := c.Cells[i][j]; v != nil && drawable(v.V) {
				drawn++
				widest = math.Max(widest, textWidth(c.write(v.V), 10.5))
			}
		}
	}
	written := widest <= width-4 // in all cells or none: one without a number would look like nothing
	for i, name := range rows {
		text, short := fit(name, tickSize, names)
		if m := d.Text("tick", start-8, top+height*(float64(i)+0.5)+4, "end", text); short {
			m.Tip = name
		}
		for j := range min(len(c.Columns), lengthOf(c.Cells, i)) {
			if v := c.Cells[i][j]; v != nil && drawable(v.V) {
				c.cell(d, v, heatClass(v.V, step, most), written, start+width*float64(j), top+height*float64(i), width, height)
			}
		}
	}
	c.regions(d, start, top, width, height)
	c.columnNames(d, start, bottom, width)
	if most <= 0 {
		d.Desc = c.Nothing
		if drawn == 0 {
			d.H = max(d.H, 80)
			c.empty(d, float64(d.W)/2, float64(d.H)/2)
		}
	} else {
		d.Legend = c.classes(step, most)
	}
	if c.Mark != "" && len(c.Marked) > 0 {
		d.Legend = append(d.Legend, LegendKey{RegionKey, "", c.Mark})
	}
	d.Legend = append(d.Legend, c.Keys...)
	c.leave(d, left)
	return d
}

func lengthOf(cells [][]*Value, i int) int {
	if i >= len(cells) {
		return 0
	}
	return len(cells[i])
}

// extent is the greatest value and how many have no place.
func (c HeatmapChart) extent(rows []string) (most float64, left int) {
	for i, cells := range c.Cells {
		for _, v := range cells {
			switch {
			case v == nil:
			case i >= len(rows) || !drawable(v.V):
				left++
			default:
				most = math.Max(most, v.V)
			}
		}
	}
	return most, left
}

// step is how much a class spans: a round number, of which five reach the most.
func (c HeatmapChart) step(most float64) float64 {
	if c.Unit == Seconds || c.Unit == LogSeconds {
		for _, s := range secondSteps {
			if most/s <= heatClasses {
				return s
			}
		}
	}
	if most <= 0 {
		return 1
	}
	least := most / heatClasses
	if c.Unit == Counts {
		least = math.Ceil(least)
	}
	power := math.Pow(10, math.Floor(math.Log10(least)))
	for _, f := range []float64{1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8} {
		if step := math.Round(power*f*1e9) / 1e9; step >= least*(1-1e-9) && (c.Unit != Counts || step == math.Trunc(step)) {
			return step
		}
	}
	return power * 10
}

// heatClass is the shade of a value: 0 for nothing, 5 for the most. Where there are fewer classes they are as far apart as can be.
func heatClass(v, step, most float64) int {
	if v <= 0 {
		return 0
	}
	return shade(int(math.Ceil(v/step-1e-9)), int(math.Ceil(most/step-1e-9)))
}

func shade(class, of int) int {
	if of <= 1 {
		return 3
	}
	return 1 + int(math.Round(float64(min(max(class, 1), of)-1)*(heatClasses-1)/float64(of-1)))
}

// classes explains the shades.
func (c HeatmapChart) classes(step, most float64) []LegendKey {
	between := c.Between
	if between == nil {
		between = func(low, high float64) string { return c.write(low) + "–" + c.write(high) }
	}
	out := []LegendKey{{AreaKey, "heat0", c.write(0)}}
	of := int(math.Ceil(most/step - 1e-9))
	for i := 1; i <= of; i++ {
		low, high := float64(i-1)*step, float64(i)*step
		text := between(low, high)
		if c.Unit == Counts {
			if low++; low == high {
				text = c.write(low)
			} else {
				text = between(low, high)
			}
		}
		out = append(out, LegendKey{AreaKey, "heat" + strconv.Itoa(shade(i, of)), text})
	}
	return out
}

// cell draws one cell, with its value where all have room for theirs.
func (c HeatmapChart) cell(d *Drawing, v *Value, class int, written bool, x, y, w, h float64) {
	m := d.Rect("cell heat"+strconv.Itoa(class), x+0.75, y+0.75, math.Max(w-1.5, 0.5), h-1.5)
	m.R = "2"
	if w < 8 {
		m.R = ""
	}
	m.Tip, m.Href = v.Tip, v.Href
	if v.V > 0 && written {
		d.Text("celltext onheat"+strconv.Itoa(class), x+w/2, y+h/2+3.7, "middle", c.write(v.V))
	}
}

func (c HeatmapChart) regions(d *Drawing, start, top, width, height float64) {
	rows := min(len(c.Rows), heatRows)
	for _, r := range c.Marked {
		i, j := max(r.Row, 0), max(r.Column, 0)
		lastRow, lastColumn := min(r.Row+r.Rows, rows), min(r.Column+r.Columns, len(c.Columns))
		if lastRow <= i || lastColumn <= j {
			continue
		}
		d.Rect("region", start+width*float64(j), top+height*float64(i), width*float64(lastColumn-j), height*float64(lastRow-i)).R = "3"
	}
}

// columnNames names as many columns as there is room for, at even distances.
func (c HeatmapChart) columnNames(d *Drawing, start, bottom, width float64) {
	widest := 0.0
	for _, name := range c.Columns {
		widest = math.Max(widest, textWidth(name, tickSize))
	}
	every := 1
	for _, every = range []int{1, 2, 3, 4, 6, 8, 12, 24, 48, 96, 192, 384} {
		if c.Named || float64(every)*width >= math.Min(widest, 90)+6 {
			break
		}
	}
	for j, name := range c.Columns {
		if j%every != 0 {
			continue
		}
		text, short := fit(name, tickSize, math.Max(float64(every)*width-1, 20))
		x, anchor := start+width*(float64(j)+0.5), "middle"
		if w := textWidth(text, tickSize); x+w/2 > float64(d.W) {
			x, anchor = float64(d.W), "end"
		}
		if m := d.Text("tick", x, bottom+17, anchor, text); short {
			m.Tip = name
		}
	}
}
