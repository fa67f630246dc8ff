package chart

import (
	"flag"
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

func TestColumnsThatFollowFromNothingAreAllNamed(t *testing.T) {
	names := []string{"Critical severity", "Major severity", "Minor severity", "No severity at all"}
	cells := [][]*Value{{{V: 1}, {V: 2}, {V: 3}, {V: 4}}}
	for named, want := range map[bool]int{true: 4, false: 2} {
		d := Heatmap(HeatmapChart{Head: head("named", "Named"), Rows: []string{"Declared"}, Columns: names, Cells: cells, Named: named}, Narrow)
		n := 0
		for _, m := range d.Marks {
			for _, name := range names {
				if m.Text == name || m.Tip == name {
					n++
				}
			}
		}
		if n != want {
			t.Errorf("named %v: %d columns have a name, want %d", named, n, want)
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
