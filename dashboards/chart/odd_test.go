package chart

import (
	"fmt"
	"math"
	"slices"
	"strconv"
)

// odd are the data that a real warehouse has some day, for each kind.
func odd() map[string]func(Size) *Drawing {
	hostile := "</svg><script>alert('\"&\x00\x08\ufffe" + string([]byte{0xff}) + "')</script>"
	far := []float64{0, 1e-9, 5, 1e14, 1e15, 1e300, -3, math.NaN(), math.Inf(1), math.Inf(-1)}
	out := map[string]func(Size) *Drawing{}
	h := head("odd", "Odd")
	for _, unit := range []Unit{Amounts, Counts, Shares, Seconds, LogSeconds} {
		sc := Scale{Unit: unit}
		add := func(name string, draw func(Size) *Drawing) { out[fmt.Sprintf("%s of unit %d", name, unit)] = draw }
		for _, n := range []int{0, 1, 2, 500} {
			flat := Series{Label: "flat", Values: make([]*Value, n)}
			zero := Series{Label: "zero", Values: make([]*Value, n)}
			for i := range n {
				zero.Values[i] = &Value{Low: f64(0), High: f64(0)}
				if i%3 > 0 {
					flat.Values[i] = &Value{V: float64(i), Low: f64(float64(i) / 2), Few: i%7 == 0}
				}
			}
			var bars []BarRow
			var stages []Stage
			var columns, rows []string
			var cells [][]*Value
			var points []ScatterPoint
			for i := range n {
				bars = append(bars, BarRow{Label: "row", Parts: []*Value{zero.Values[i], flat.Values[i]}, Low: f64(1), High: f64(2)})
				stages = append(stages, Stage{Label: "stage", Value: flat.Values[i], P90: f64(float64(i))})
				columns = append(columns, strconv.Itoa(i))
				points = append(points, ScatterPoint{X: float64(i), Y: 0, YHigh: f64(9), Label: "p"})
				if i < 9 {
					rows, cells = append(rows, "row"), append(cells, flat.Values)
				}
			}
			add(fmt.Sprintf("%d lines", n), func(s Size) *Drawing {
				return Lines(LinesChart{Head: h, Scale: sc, Periods: months(n), Series: []Series{flat, zero}, Ribbon: n == 2, Goal: &Goal{1, "goal"}}, s)
			})
			add(fmt.Sprintf("%d zeros", n), func(s Size) *Drawing {
				return Lines(LinesChart{Head: h, Scale: sc, Periods: months(n), Series: []Series{zero}}, s)
			})
			add(fmt.Sprintf("%d columns", n), func(s Size) *Drawing {
				return Columns(ColumnsChart{Head: h, Scale: sc, Periods: months(n), Series: []Series{flat, zero}, Totals: true}, s)
			})
			add(fmt.Sprintf("%d classes", n), func(s Size) *Drawing {
				return Columns(ColumnsChart{Head: h, Scale: sc, Categories: columns, Series: []Series{flat}, Joined: true}, s)
			})
			add(fmt.Sprintf("%d bars", n), func(s Size) *Drawing {
				return Bars(BarsChart{Head: h, Scale: sc, Rows: bars, Series: []Series{{Label: "a"}, {Label: "b"}}, More: func(n int) string { return fmt.Sprint(n, " more") }}, s)
			})
			add(fmt.Sprintf("%d stages", n), func(s Size) *Drawing { return Waterfall(WaterfallChart{Head: h, Scale: sc, Stages: stages}, s) })
			add(fmt.Sprintf("%d cells", n), func(s Size) *Drawing {
				return Heatmap(HeatmapChart{Head: h, Scale: sc, Rows: rows, Columns: columns, Cells: cells, Marked: []Region{{-4, -4, 999, 999}, {90, 90, 1, 1}}, Mark: "x"}, s)
			})
			add(fmt.Sprintf("%d points", n), func(s Size) *Drawing {
				return Scatter(ScatterChart{Head: h, X: sc, Y: sc, Points: points, Path: true}, s)
			})
		}
		strange := Series{Label: hostile, Values: nil}
		var bars []BarRow
		var stages []Stage
		var dots []Dot
		var points []ScatterPoint
		for _, v := range far {
			one := &Value{V: v, Low: f64(-v), High: f64(v), Tip: hostile, Href: hostile}
			strange.Values = append(strange.Values, one)
			bars = append(bars, BarRow{Label: hostile, Parts: []*Value{one}, Written: hostile, Low: one.Low, High: one.High, Href: "javascript:alert(1)"})
			stages = append(stages, Stage{Label: hostile, Value: one, P90: f64(v), Written: hostile, Sample: hostile})
			dots = append(dots, Dot{Seconds: v, Tip: hostile, Href: hostile})
			points = append(points, ScatterPoint{X: v, Y: v, XLow: f64(-v), XHigh: f64(v), YLow: f64(v), YHigh: f64(-v), Label: hostile, Tip: hostile, Href: "javascript:alert(1)"})
		}
		evil := head("odd", hostile)
		evil.Keys = []LegendKey{{FewKey, "", hostile}, {OpenKey, "", hostile}, {BandKey, "", hostile}, {GoalKey, "", hostile}, {WhiskKey, "", hostile}, {TickKey, "", hostile}}
		add("hostile lines", func(s Size) *Drawing {
			return Lines(LinesChart{Head: evil, Scale: sc, Periods: months(len(far)), Series: []Series{strange, strange}, Goal: &Goal{math.NaN(), hostile}}, s)
		})
		add("hostile columns", func(s Size) *Drawing {
			return Columns(ColumnsChart{Head: evil, Scale: sc, Categories: slices.Repeat([]string{hostile}, len(far)), Series: []Series{strange}, Totals: true}, s)
		})
		add("hostile bars", func(s Size) *Drawing { return Bars(BarsChart{Head: evil, Scale: sc, Rows: bars}, s) })
		add("hostile stages", func(s Size) *Drawing { return Waterfall(WaterfallChart{Head: evil, Scale: sc, Stages: stages}, s) })
		add("hostile strips", func(s Size) *Drawing {
			return Strips(StripsChart{Head: evil, Scale: sc, Rows: []Strip{{Label: hostile, Sample: hostile, Dots: dots, Median: f64(math.NaN()), Q1: f64(-1), Q3: f64(1e300)}, {}}}, s)
		})
		add("hostile cells", func(s Size) *Drawing {
			return Heatmap(HeatmapChart{Head: evil, Scale: sc, Rows: []string{hostile}, Columns: slices.Repeat([]string{hostile}, len(far)), Cells: [][]*Value{strange.Values, nil}}, s)
		})
		add("hostile points", func(s Size) *Drawing { return Scatter(ScatterChart{Head: evil, X: sc, Y: sc, Points: points}, s) })
	}
	var rows []BarRow
	var many []Dot
	var points []ScatterPoint
	for i := range 2000 {
		rows = append(rows, BarRow{Label: "team " + strconv.Itoa(i), Parts: values(float64(i)), Written: count(float64(i))})
		for j := range 6 {
			many = append(many, Dot{Seconds: float64(1 + (i*j)%4000)})
			points = append(points, ScatterPoint{X: float64(i), Y: float64(i * j)})
		}
	}
	out["2,000 bars"] = func(s Size) *Drawing {
		return Bars(BarsChart{Head: h, Rows: rows, More: func(n int) string { return fmt.Sprint(n, " more") }}, s)
	}
	out["12,000 dots"] = func(s Size) *Drawing {
		return Strips(StripsChart{Head: h, Scale: Scale{Write: duration}, Rows: []Strip{{Label: "all", Dots: many}}}, s)
	}
	out["12,000 points"] = func(s Size) *Drawing { return Scatter(ScatterChart{Head: h, Points: points}, s) }
	out["no table"] = func(s Size) *Drawing { return Table(TableChart{Head: h}, s) }
	out["a ragged table"] = func(s Size) *Drawing {
		return Table(TableChart{Head: h, Columns: []TableColumn{{Text: hostile}, {Text: "n", Num: true}}, Rows: [][]string{{hostile, hostile, "past"}, {}, nil}, More: hostile}, s)
	}
	out["no strips"] = func(s Size) *Drawing { return Strips(StripsChart{Head: h}, s) }
	return out
}
