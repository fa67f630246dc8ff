package chart

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

func f64(v float64) *float64 { return &v }

func count(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func share(v float64) string { return strconv.FormatFloat(v*100, 'f', -1, 64) + " %" }

func duration(v float64) string {
	for _, u := range []struct {
		seconds float64
		name    string
	}{{86400, "d"}, {3600, "h"}, {60, "min"}} {
		if v >= u.seconds {
			return strconv.FormatFloat(math.Round(v/u.seconds*10)/10, 'f', -1, 64) + " " + u.name
		}
	}
	return strconv.FormatFloat(v, 'f', -1, 64) + " s"
}

func months(n int) []Period {
	names := strings.Fields("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec")
	var out []Period
	for i := range n {
		out = append(out, Period{names[i%12], strconv.Itoa(2025 + i/12), i == n-1})
	}
	return out
}

func head(key, title string) Head {
	return Head{
		Key: key, Title: title, Desc: "What it shows.", Nothing: "Nothing was measured in this range.",
		Left: func(n int) string { return fmt.Sprintf("%d are not drawn.", n) },
	}
}

func values(vs ...float64) []*Value {
	var out []*Value
	for _, v := range vs {
		out = append(out, &Value{V: v, Tip: "tip " + count(v)})
	}
	return out
}

func leadTimes() LinesChart {
	median, p90 := values(90000, 86000, 120000, 70000, 64000, 0, 52000, 48000, 61000, 45000, 39000, 41000), values(400000, 350000, 610000, 300000, 280000, 0, 260000, 250000, 330000, 200000, 190000, 260000)
	median[5], p90[5] = nil, nil
	for i, v := range median {
		if v != nil {
			v.Low, v.High = f64(v.V*.7), f64(v.V*1.35)
			v.Few = i == 2
		}
	}
	return LinesChart{
		Head: head("lead_times", "Lead time for changes"), Scale: Scale{Unit: LogSeconds, Write: duration}, Periods: months(12),
		Series: []Series{{Label: "Median", Class: "main", Values: median}, {Label: "90th percentile", Class: "second", Values: p90}},
		Goal:   &Goal{86400, "Goal: 1 d"},
	}
}

func failureRates() LinesChart {
	c := LinesChart{
		Head: head("failure_rates", "Change failure rate by service"), Scale: Scale{Unit: Shares, Write: share}, Periods: months(12), Ribbon: true,
	}
	for s, name := range []string{"checkout", "search", "payments", "notifications"} {
		var vs []*Value
		for i := range 12 {
			v := .08 + .05*float64(s) + .03*math.Sin(float64(i+2*s))
			one := &Value{V: v, Few: i == 9 && s == 1, Href: "https://example.com/x", Tip: name}
			if s == 0 {
				one.Low, one.High = f64(v-.04), f64(v+.05)
			}
			vs = append(vs, one)
		}
		if s == 2 {
			vs[3], vs[4], vs[6] = nil, nil, nil
		}
		c.Series = append(c.Series, Series{Label: name, Values: vs})
	}
	return c
}

func deploymentsByService() ColumnsChart {
	c := ColumnsChart{
		Head: head("deployments_by_service", "Deployments by service"), Scale: Scale{Unit: Counts, Write: count}, Periods: months(12), Others: "Others", Totals: true,
	}
	for s := range 10 {
		var vs []*Value
		for i := range 12 {
			vs = append(vs, &Value{V: float64((i*7+s*5)%9 + max(0, 8-s)), Tip: "tip"})
		}
		c.Series = append(c.Series, Series{Label: "service " + string(rune('a'+s)), Values: vs})
	}
	return c
}

func severities() ColumnsChart {
	return ColumnsChart{
		Head: head("incidents_by_severity", "Incidents by severity"), Scale: Scale{Unit: Counts, Write: count}, Periods: months(6), Totals: true,
		Series: []Series{
			{Label: "Critical", Class: "sev1", Values: values(1, 0, 2, 0, 1, 1)},
			{Label: "Major", Class: "sev2", Values: values(3, 4, 2, 5, 1, 1)},
			{Label: "Minor", Class: "sev3", Values: values(8, 6, 9, 4, 7, 2)},
		},
	}
}

func lags() ColumnsChart {
	return ColumnsChart{
		Head: head("cause_lags", "From deployment to incident"), Scale: Scale{Unit: Counts, Write: count}, Joined: true,
		Categories: []string{"< 10 min", "10–60 min", "1–4 h", "4–24 h", "1–3 d", "> 3 d"},
		Series:     []Series{{Label: "Linked", Values: values(4, 9, 12, 5, 2, 1)}, {Label: "By time", Values: values(1, 2, 6, 4, 3, 0)}},
	}
}

func followUps() BarsChart {
	c := BarsChart{
		Head: head("follow_up_ages", "Open follow-ups by team"), Scale: Scale{Unit: Counts, Write: count},
		Series: []Series{{Label: "< 7 d"}, {Label: "7–30 d"}, {Label: "> 30 d"}},
	}
	for i, name := range []string{"Payments", "とても長い名前のチームのなまえそのいちばん", "Infrastructure and reliability engineering", "Search", "Mobile"} {
		c.Rows = append(c.Rows, BarRow{Label: name, Parts: values(float64(9-i), float64(i%3+1), float64(5-i)), Written: count(float64(15 - 2*i + i%3)), Href: "https://example.com/t"})
	}
	return c
}

func recoveries() BarsChart {
	c := BarsChart{Head: head("recoveries", "Time to restore by service"), Scale: Scale{Unit: Seconds, Write: duration}}
	for i, name := range []string{"checkout", "search", "payments", "notifications"} {
		v := 3600 * float64(4-i)
		c.Rows = append(c.Rows, BarRow{Label: name, Parts: values(v), Written: duration(v), Low: f64(v * .6), High: f64(v * 1.5), Few: i == 3})
	}
	return c
}

func phases() WaterfallChart {
	c := WaterfallChart{Head: head("phases", "Where incident time goes"), Bar: "Median", Tick: "90th percentile", Scale: Scale{Unit: Seconds, Write: duration}}
	for i, s := range []struct {
		name        string
		median, p90 float64
	}{{"Triage", 600, 1900}, {"Investigating", 2400, 9800}, {"Fixing", 5400, 14000}, {"Monitoring", 3600, 7000}, {"Documenting", 1200, 90000}} {
		c.Stages = append(c.Stages, Stage{
			Label: s.name, Value: &Value{V: s.median, Few: i == 4, Tip: "tip"}, P90: f64(s.p90), Written: duration(s.median), Sample: "n = " + strconv.Itoa(42-10*i+i),
		})
	}
	return c
}

func restores() StripsChart {
	c := StripsChart{Head: head("restores", "Time to restore by severity"), Scale: Scale{Write: duration}}
	for s, name := range []string{"Critical", "Major", "とても長い名前の重大度レベルそのいち"} {
		row := Strip{Label: name, Sample: strconv.Itoa(14+20*s) + " restored", Class: "sev" + strconv.Itoa(s+1), Few: s == 2}
		for i := range 14 + 20*s {
			v := 900 * math.Pow(1.18, float64((i*7)%31)) * float64(s+1)
			row.Dots = append(row.Dots, Dot{v, "INC-" + strconv.Itoa(i), "https://example.com/" + strconv.Itoa(i)})
		}
		row.Median, row.Low, row.High, row.P90 = f64(9000*float64(s+1)), f64(5000*float64(s+1)), f64(15000*float64(s+1)), f64(90000*float64(s+1))
		row.Q1, row.Q3 = f64(3000*float64(s+1)), f64(26000*float64(s+1))
		c.Rows = append(c.Rows, row)
	}
	return c
}

func hours() HeatmapChart {
	c := HeatmapChart{
		Head: head("hours", "When incidents come"), Scale: Scale{Unit: Counts, Write: count}, Rows: strings.Fields("Mon Tue Wed Thu Fri Sat Sun"),
		Marked: []Region{{0, 9, 5, 9}}, Mark: "Working hours",
	}
	for h := range 24 {
		c.Columns = append(c.Columns, fmt.Sprintf("%02d", h))
	}
	for d := range 7 {
		var row []*Value
		for h := range 24 {
			v := math.Floor(6*math.Exp(-math.Pow(float64(h)-13, 2)/22)*float64(7-d)/3 + float64((h*d)%3)/2)
			row = append(row, &Value{V: v, Tip: fmt.Sprintf("%s %d: %v", c.Rows[d], h, v), Href: "https://example.com/h"})
		}
		c.Cells = append(c.Cells, row)
	}
	return c
}

func throughput() ScatterChart {
	c := ScatterChart{
		Head: head("throughput", "Throughput and stability"), Path: true,
		X: Scale{Unit: Counts, Write: count, Name: "Deployments"}, Y: Scale{Unit: Shares, Write: share, Name: "Change failure rate"},
	}
	for i, m := range months(12) {
		x, y := 20+6*float64(i)+9*math.Sin(float64(i)*1.3), .22-.011*float64(i)+.03*math.Cos(float64(i)*1.7)
		p := ScatterPoint{X: math.Round(x), Y: y, YLow: f64(y - .05), YHigh: f64(y + .06), Tip: m.Label, Few: i == 1}
		if i%3 == 0 || i == 11 {
			p.Label = m.Label
		}
		c.Points = append(c.Points, p)
	}
	return c
}

func slowest() TableChart {
	return TableChart{
		Head: head("slowest", "The slowest changes"), Columns: []TableColumn{{Text: "Change"}, {Text: "Lead time", Num: true}},
		Rows: [][]string{{"#412 とても長い題名の変更でここには入りきらないものがあります", "12 d"}, {"#397 Retry payments", "9.5 d"}}, More: "and 40 more",
	}
}

// sample is a chart of each kind, as a panel has it.
type sample struct {
	name string
	draw func(Size) *Drawing
}

func samples() []sample {
	return []sample{
		{"lines", func(s Size) *Drawing { return Lines(leadTimes(), s) }},
		{"lines_series", func(s Size) *Drawing { return Lines(failureRates(), s) }},
		{"columns", func(s Size) *Drawing { return Columns(deploymentsByService(), s) }},
		{"columns_severity", func(s Size) *Drawing { return Columns(severities(), s) }},
		{"histogram", func(s Size) *Drawing { return Columns(lags(), s) }},
		{"bars", func(s Size) *Drawing { return Bars(followUps(), s) }},
		{"bars_interval", func(s Size) *Drawing { return Bars(recoveries(), s) }},
		{"waterfall", func(s Size) *Drawing { return Waterfall(phases(), s) }},
		{"strips", func(s Size) *Drawing { return Strips(restores(), s) }},
		{"heatmap", func(s Size) *Drawing { return Heatmap(hours(), s) }},
		{"scatter", func(s Size) *Drawing { return Scatter(throughput(), s) }},
		{"table", func(s Size) *Drawing { return Table(slowest(), s) }},
	}
}
