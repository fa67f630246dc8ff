package chart

import (
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-golden +now); if it is meant, run: go test ./dashboards/chart -update\n%s", path, diff)
	}
}

func TestEachKindIsAsItWas(t *testing.T) {
	for _, s := range samples() {
		golden(t, s.name+".svg", string(s.draw(Wide).Document()))
	}
	golden(t, "bars_narrow.svg", string(Bars(followUps(), Narrow).Document()))
	golden(t, "page.html", string(Lines(failureRates(), Wide).SVG())+"\n")
}

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
	out["no strips"] = func(s Size) *Drawing { return Strips(StripsChart{Head: h}, s) }
	return out
}

var absolute = regexp.MustCompile(`^(?:[ML]-?[\d.]+ -?[\d.]+|[HV]-?[\d.]+|[hv]-?[\d.]+|Z)*$`)

// extent is where a mark lies; ok is false for words, whose end no one can measure here.
func extent(t *testing.T, m Mark) (x0, y0, x1, y1 float64) {
	t.Helper()
	n := func(s string) float64 {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			t.Fatalf("%+v: %q is no coordinate", m, s)
		}
		return v
	}
	switch m.Kind {
	case "rect":
		w, h := n(m.W), n(m.H)
		if w < 0 || h < 0 {
			t.Fatalf("%+v: a negative size", m)
		}
		return n(m.X), n(m.Y), n(m.X) + w, n(m.Y) + h
	case "path":
		if !absolute.MatchString(m.D) {
			t.Fatalf("%+v: no path", m)
		}
		x0, y0, x1, y1 = math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
		for _, part := range regexp.MustCompile(`[ML](-?[\d.]+) (-?[\d.]+)`).FindAllStringSubmatch(m.D, -1) {
			x, y := n(part[1]), n(part[2])
			x0, y0, x1, y1 = math.Min(x0, x), math.Min(y0, y), math.Max(x1, x), math.Max(y1, y)
		}
		if m.D == "" {
			return 0, 0, 0, 0
		}
		return x0, y0, x1, y1
	case "circle":
		n(m.R)
		return n(m.X), n(m.Y), n(m.X), n(m.Y)
	}
	return n(m.X), n(m.Y), n(m.X), n(m.Y)
}

func TestEveryMarkIsWithinItsChartWhateverTheData(t *testing.T) {
	all := odd()
	for _, s := range samples() {
		all[s.name] = s.draw
	}
	for name, draw := range all {
		for _, size := range Sizes {
			d := draw(size)
			for _, m := range d.Marks {
				x0, y0, x1, y1 := extent(t, m)
				if x0 < -0.1 || y0 < -0.1 || x1 > float64(d.W)+0.1 || y1 > float64(d.H)+0.1 {
					t.Errorf("%s, %s: %+v is not within %d by %d", name, size.Name, m, d.W, d.H)
				}
			}
			page, file := string(d.SVG()), string(d.Document())
			if again := draw(size); page != string(again.SVG()) || file != string(again.Document()) {
				t.Errorf("%s, %s: a second drawing has other bytes", name, size.Name)
			}
			for _, bad := range []string{"NaN", "Inf\"", "Inf ", "<script", "javascript:"} {
				if strings.Contains(page, bad) || strings.Contains(file, bad) {
					t.Errorf("%s, %s: the drawing has %s", name, size.Name, bad)
				}
			}
			wellFormed(t, name, file)
		}
	}
}

func wellFormed(t *testing.T, name, file string) {
	t.Helper()
	x := xml.NewDecoder(strings.NewReader(file))
	for {
		token, err := x.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if e, ok := token.(xml.StartElement); ok {
			for _, a := range e.Attr {
				if a.Name.Local == "href" && !strings.HasPrefix(a.Value, "https://") {
					t.Errorf("%s: a file that links to %s", name, a.Value)
				}
			}
		}
	}
}

func TestAFileNeedsNothingElse(t *testing.T) {
	for _, s := range samples() {
		for _, th := range []theme{light, dark} {
			file := string(s.draw(Wide).document(th))
			for _, bad := range []string{"var(", "light-dark", "color-mix", "display", "@media", ":hover", "SERIES"} {
				if strings.Contains(file, bad) {
					t.Errorf("%s: the file has %s", s.name, bad)
				}
			}
			for _, want := range []string{`xmlns="http://www.w3.org/2000/svg"`, `width="540"`, "<title id=", "<desc id=", "<style>", `<rect width="540"`} {
				if !strings.Contains(file, want) {
					t.Errorf("%s: the file has no %s", s.name, want)
				}
			}
			style := file[strings.Index(file, "<style>"):strings.Index(file, "</style>")]
			for _, class := range regexp.MustCompile(`class="([^"]*)"`).FindAllStringSubmatch(file, -1) {
				for _, c := range strings.Fields(class[1]) {
					if !strings.Contains(style, "."+c) && !slices.Contains([]string{"wide", "tick", "cell", "strips", "onheat0", "onheat1", "onheat2", "main"}, c) {
						t.Errorf("%s: nothing is said of the class %s", s.name, c)
					}
				}
			}
		}
	}
}

func TestWhatIsGivenIsEscapedAndAnAddressCannotRun(t *testing.T) {
	d := &Drawing{ID: `a"b`, Class: "chart", Title: "<T>", Desc: "a & b", Marks: []Mark{
		{Kind: "text", Class: "tick", X: "1", Y: "2", Text: "a < b + 'c'", Tip: "<script>"},
		{Kind: "circle", X: "1", Y: "2", R: "3", Href: "JavaScript:alert(1)"},
		{Kind: "circle", X: "1", Y: "2", R: "3", Href: "?team=a b&x=\"é\"#%20%zz"},
	}}
	want := `<svg class="chart" viewBox="0 0 0 0" role="group" aria-labelledby="a&#34;b-title" aria-describedby="a&#34;b-desc"><title id="a&#34;b-title">&lt;T&gt;</title><desc id="a&#34;b-desc">a &amp; b</desc>
<g aria-hidden="true">
<text class="tick" x="1" y="2"><title>&lt;script&gt;</title>a &lt; b &#43; &#39;c&#39;</text>
<a href="#" tabindex="-1"><circle class="" cx="1" cy="2" r="3"></circle></a>
<a href="?team=a%20b&amp;x=%22%c3%a9%22#%20%25zz" tabindex="-1"><circle class="" cx="1" cy="2" r="3"></circle></a>
</g></svg>`
	if diff := cmp.Diff(want, string(d.SVG())); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for _, href := range []string{"data:text/html,x", "vbscript:x", " javascript:alert(1)", "java\tscript:x", "x:y"} {
		if got := address(href); got != "#" {
			t.Errorf("%q leads to %q", href, got)
		}
	}
	for _, href := range []string{"https://a.example/b?c=d&e=1:2", "./incidents/1:2", "?a=1:2", "#x", "mailto:a@b.example", ""} {
		if got := address(href); got != href {
			t.Errorf("%q leads to %q", href, got)
		}
	}
}

func TestLinksOfAFileAreThoseThatLeadSomewhere(t *testing.T) {
	c := recoveries()
	c.Rows[0].Href, c.Rows[1].Href, c.Rows[2].Href = "?service=checkout", "https://incident.io/x?a=b&c=d", "#incident-1"
	d := Bars(c, Wide)
	file, page := string(d.Document()), string(d.SVG())
	if strings.Count(file, "<a ") != 1 || !strings.Contains(file, `<a href="https://incident.io/x?a=b&amp;c=d"`) {
		t.Errorf("a file links to what only a page has: %s", file)
	}
	if strings.Count(page, "<a ") != 3 {
		t.Errorf("a page has not all links: %s", page)
	}
}

func TestPartsOfAColumnAddUp(t *testing.T) {
	c := deploymentsByService()
	want, parts := 0.0, 0
	for _, s := range c.Series {
		for _, v := range s.Values {
			want += v.V
		}
	}
	d := Columns(c, Wide)
	feet := map[string]float64{} // by x: where the next part has to stand
	for _, m := range d.Marks {
		if !strings.HasPrefix(m.Class, "bar ") {
			continue
		}
		parts++
		_, y0, _, y1 := extent(t, m)
		foot, ok := feet[m.X]
		if !ok {
			foot = 204
		}
		if math.Abs(y1-foot) > 0.2 {
			t.Errorf("%+v begins at %v, the part below ends at %v", m, y1, foot)
		}
		feet[m.X] = y0
	}
	height := 0.0
	for _, top := range feet {
		height += 204 - top
	}
	if got := height / (204 - 16) * 80; math.Abs(got-want) > 1 {
		t.Errorf("the columns are %v high, the values are %v", got, want)
	}
	if len(feet) != 12 || parts > 12*9 {
		t.Errorf("%d columns of %d parts", len(feet), parts)
	}
	if n := len(d.Legend); n != 9 || d.Legend[8].Text != "Others" || d.Legend[8].Class != "ser0" {
		t.Errorf("ten series become eight and others, not %+v", d.Legend)
	}
}

func TestAnOpenPeriodIsHatchedAndNoOther(t *testing.T) {
	for name, d := range map[string]*Drawing{"lines": Lines(leadTimes(), Wide), "columns": Columns(severities(), Wide)} {
		n := 0
		for _, m := range d.Marks {
			if m.Class == "openperiod" {
				n++
				if x0, _, x1, _ := extent(t, m); x1 != 492 || x0 < 400 || m.Fill != "url(#"+d.ID+"-hatch)" {
					t.Errorf("%s: %+v is not the last period", name, m)
				}
			}
		}
		if n != 1 || !d.Hatch || strings.Count(string(d.SVG()), "<pattern id=") != 1 {
			t.Errorf("%s: %d hatched periods", name, n)
		}
	}
	closed := severities()
	closed.Periods[5].Open = false
	if d := Columns(closed, Wide); d.Hatch {
		t.Error("a closed period is hatched")
	}
}

func TestAGapBreaksTheLineAndFewAreHollow(t *testing.T) {
	d := Lines(leadTimes(), Wide)
	lines, hollow := map[string]int{}, 0
	for _, m := range d.Marks {
		if strings.HasSuffix(m.Class, "line") {
			lines[m.Class] = strings.Count(m.D, "M")
		}
		if strings.Contains(m.Class, "fewpoint") {
			hollow++
		}
	}
	if diff := cmp.Diff(map[string]int{"medianline": 2, "p90line": 2}, lines); diff != "" || hollow != 1 {
		t.Errorf("%d hollow dots; parts of lines (-want +got)\n%s", hollow, diff)
	}
}

func TestALimitOfFewDoesNotStretchTheAxis(t *testing.T) {
	c := failureRates()
	before := Lines(c, Wide)
	c.Series[1].Values[9].High = f64(1)
	after := Lines(c, Wide)
	if got, want := after.Marks[0], before.Marks[0]; got != want || after.Marks[7] != before.Marks[7] {
		t.Errorf("the axis is %+v, was %+v", got, want)
	}
	c.Series[1].Values[9].Few = false
	if Lines(c, Wide).Marks[3] == before.Marks[3] {
		t.Error("a limit of many does not stretch it either")
	}
}

func TestWhatHasNoPlaceIsCounted(t *testing.T) {
	lines, columns, bars, waterfall, strips, heat, scatter := leadTimes(), severities(), recoveries(), phases(), restores(), hours(), throughput()
	lines.Series[0].Values[0].V = -1
	columns.Series[0].Values[0].V = math.NaN()
	bars.Rows[0].Parts[0].V = -1
	waterfall.Stages[0].Value.V = -5
	strips.Rows[0].Dots[0].Seconds = -60
	heat.Cells[0][0].V = -1
	scatter.Points[0].X = -1
	for name, d := range map[string]*Drawing{
		"lines": Lines(lines, Wide), "columns": Columns(columns, Wide), "bars": Bars(bars, Wide), "waterfall": Waterfall(waterfall, Wide),
		"strips": Strips(strips, Wide), "heatmap": Heatmap(heat, Wide), "scatter": Scatter(scatter, Wide),
	} {
		if d.Desc != "What it shows. 1 are not drawn." {
			t.Errorf("%s says %q", name, d.Desc)
		}
	}
	for _, s := range samples() {
		if d := s.draw(Wide); d.Desc != "What it shows." {
			t.Errorf("%s says %q", s.name, d.Desc)
		}
	}
}

func TestNothingIsSaidInWords(t *testing.T) {
	h := head("none", "None")
	for name, d := range map[string]*Drawing{
		"lines": Lines(LinesChart{Head: h, Periods: months(3), Series: []Series{{Values: make([]*Value, 3)}}}, Narrow), "columns": Columns(ColumnsChart{Head: h, Periods: months(3)}, Narrow),
		"bars": Bars(BarsChart{Head: h}, Narrow), "waterfall": Waterfall(WaterfallChart{Head: h}, Narrow), "strips": Strips(StripsChart{Head: h}, Narrow),
		"heatmap": Heatmap(HeatmapChart{Head: h}, Narrow), "scatter": Scatter(ScatterChart{Head: h}, Narrow),
	} {
		said := ""
		for _, m := range d.Marks {
			if m.Class == "nothing" {
				said += m.Text + " "
			}
		}
		if d.Desc != h.Nothing || strings.TrimSpace(said) != h.Nothing || d.Title != "None" {
			t.Errorf("%s: described as %q, says %q", name, d.Desc, said)
		}
	}
}

func TestEachStageBeginsWhereTheOneBeforeEnds(t *testing.T) {
	d := Waterfall(phases(), Wide)
	end, bars, few := 0.0, 0, 0
	for _, m := range d.Marks {
		if !strings.HasPrefix(m.Class, "bar phase") {
			continue
		}
		x0, _, x1, _ := extent(t, m)
		if bars > 0 && math.Abs(x0-end) > 0.2 {
			t.Errorf("a bar begins at %v, the one before ends at %v", x0, end)
		}
		end = x1
		bars++
		if strings.Contains(m.Class, "fewmark") {
			few++
		}
	}
	if bars != 5 || few != 1 {
		t.Errorf("%d bars, %d of few", bars, few)
	}
}

func TestLongNamesAreShortenedAndWholeInTheTip(t *testing.T) {
	found := 0
	d := Bars(followUps(), Wide)
	if page := string(d.SVG()); !strings.Contains(page, "<title>Infrastructure and reliability engineering</title>Infrastructure") {
		t.Error("the page does not have the whole name")
	}
	for _, m := range d.Marks {
		if m.Class != "label" {
			continue
		}
		if w := textWidth(m.Text, labelSize); w > float64(Wide.W)*0.35 {
			t.Errorf("%q is %.0f pixels wide", m.Text, w)
		}
		if strings.HasSuffix(m.Text, "…") {
			found++
			if !strings.HasPrefix(m.Tip, strings.TrimSuffix(m.Text, "…")) {
				t.Errorf("the tip of %q is %q", m.Text, m.Tip)
			}
		}
	}
	if found != 2 {
		t.Errorf("%d names are shortened", found)
	}
}

func TestACellIsTheDarkerTheMore(t *testing.T) {
	for _, c := range []struct {
		most float64
		unit Unit
		want string
	}{
		{1, Counts, "0 1"},
		{2, Counts, "0 1 2"},
		{5, Counts, "0 1 2 3 4 5"},
		{14, Counts, "0 1–3 4–6 7–9 10–12 13–15"},
		{97, Counts, "0 1–20 21–40 41–60 61–80 81–100"},
		{1, Shares, "0 0–0.2 0.2–0.4 0.4–0.6 0.6–0.8 0.8–1"},
		{7000, Seconds, "0 0–1800 1800–3600 3600–5400 5400–7200"},
	} {
		h := HeatmapChart{Scale: Scale{Unit: c.unit, Write: count}}
		var texts []string
		last := ""
		for _, k := range h.classes(h.step(c.most), c.most) {
			texts = append(texts, strings.ReplaceAll(k.Text, "0.6000000000000001", "0.6"))
			if k.Class <= last {
				t.Errorf("%v: %s after %s", c.most, k.Class, last)
			}
			last = k.Class
		}
		if got := strings.Join(texts, " "); got != c.want {
			t.Errorf("classes to %v: %s, want %s", c.most, got, c.want)
		}
		if got := heatClass(c.most, h.step(c.most), c.most); "heat"+strconv.Itoa(got) != last {
			t.Errorf("the most is of class %d, the last of the legend is %s", got, last)
		}
	}
}

func TestSeriesPastTheEighthAreGreyAndOneInTheLegend(t *testing.T) {
	c := failureRates()
	for i := range 7 {
		c.Series = append(c.Series, Series{Label: "more " + strconv.Itoa(i), Values: c.Series[i%4].Values})
	}
	if n := len(Lines(c, Wide).Legend); n != 11 {
		t.Errorf("%d keys, want 11 where the grey ones have no name", n)
	}
	c.Others = "Others"
	keys := Lines(c, Wide).Legend
	if n := len(keys); n != 9 || keys[8] != (LegendKey{LineKey, "ser0", "Others"}) {
		t.Errorf("%+v", keys)
	}
}

func TestADotStandsForSeveralInAllColumnsOrInNone(t *testing.T) {
	xs := slices.Concat(slices.Repeat([]float64{10}, 1000), slices.Repeat([]float64{50}, 500), []float64{90})
	lanes := map[string]int{}
	for _, m := range regexp.MustCompile(`M([\d.]+) ([\d.]+)h0`).FindAllStringSubmatch(heaped(xs, 3, 24, 32), -1) {
		lanes[m[1]]++
		if y, _ := strconv.ParseFloat(m[2], 64); math.Abs(y-32) > 24 {
			t.Errorf("a dot at %s is not in its row", m[2])
		}
	}
	if diff := cmp.Diff(map[string]int{"8.8": 17, "50.8": 9, "89.3": 1}, lanes); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestManyRowsAndDotsStaySmall(t *testing.T) {
	all := odd()
	for name, most := range map[string]int{"2,000 bars": 20_000, "12,000 dots": 60_000, "12,000 points": 150_000} {
		if n := len(all[name](Wide).SVG()); n > most {
			t.Errorf("%s take %d bytes", name, n)
		}
	}
	if d := all["2,000 bars"](Wide); !strings.Contains(d.Desc, "1960 more") {
		t.Errorf("it is not said how many rows there are besides: %q", d.Desc)
	}
}
