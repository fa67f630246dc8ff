package acceptance

import (
	"fmt"
	"math"
	"testing"
	"time"

	"fourfold/internal/demo"
	"fourfold/internal/demo/githubstatus"
	"fourfold/internal/fake/github"
	fake "fourfold/internal/fake/incidentio"
	"fourfold/internal/reference"
)

// The instant as which the demo organisation is made: a Wednesday, in the middle of a month and of a quarter.
var demoNow = time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)

type cell struct {
	period, start, dimension, value, metric string
}

type figure struct {
	number *float64
	n      int64
}

func (f figure) String() string {
	if f.number == nil {
		return fmt.Sprintf("null of %d", f.n)
	}
	return fmt.Sprintf("%v of %d", *f.number, f.n)
}

func (f figure) same(g figure) bool {
	if f.n != g.n || (f.number == nil) != (g.number == nil) {
		return false
	}
	return f.number == nil || math.Abs(*f.number-*g.number) <= 1e-9*math.Max(1, math.Abs(*g.number))
}

// fourKeys reads the mart.
func fourKeys(w *workplace) map[cell]figure {
	w.t.Helper()
	out := map[cell]figure{}
	for _, x := range w.query(`select period, period_start::varchar, dimension, dimension_value, metric, value, sample_size from four_keys`) {
		f := figure{n: x[6].(int64)}
		if v, ok := x[5].(float64); ok {
			f.number = &v
		}
		out[cell{x[0].(string), x[1].(string), x[2].(string), x[3].(string), x[4].(string)}] = f
	}
	return out
}

// serveDemo serves the demo organisation and gives the configuration that reads it.
func serveDemo(t testing.TB) (c *demo.Company, config string) {
	t.Helper()
	c = demo.Make(4, demoNow)
	incidents, stop := fake.NewServer(c.Incidents, fake.WithoutLimits()).Start()
	t.Cleanup(stop)
	code, stop := github.NewServer(c.Code).Start()
	t.Cleanup(stop)
	c.ServedAt(code)
	return c, demo.Config(demo.Addresses{
		Incidents: incidents, IncidentsKey: fake.DefaultKey, API: code + "/", GraphQL: code + "/graphql", Git: code + "/", GitHubToken: github.DefaultToken,
	})
}

func TestDemoNumbersAreThoseOfAnIndependentComputation(t *testing.T) {
	t.Parallel()
	c, config := serveDemo(t)
	w := newWorkplace(t, config)
	w.run("run")
	asOf := w.one(`select as_of from publication`).(time.Time)
	objects, code, settings := c.Incidents.Objects(asOf), c.Expected(), demo.Settings(asOf)
	compareDeployments(t, w, reference.Deployments(objects, code, settings))
	compareLinks(t, w, reference.Links(objects, code, settings))
	compareChanges(t, w, code, settings)
	got := fourKeys(w)
	want := map[cell]figure{}
	for _, r := range reference.FourKeys(objects, code, settings) {
		want[cell{r.Period, r.PeriodStart, r.Dimension, r.Value, r.Metric}] = figure{r.Number, int64(r.SampleSize)}
	}
	compare(t, got, want)
	if len(want) < 50_000 {
		t.Errorf("the reference has only %d cells", len(want))
	}
}

// compare reports cells that differ, a few of each kind.
func compare(t *testing.T, got, want map[cell]figure) {
	t.Helper()
	const most = 12
	missing, extra, wrong := 0, 0, 0
	for c, f := range want {
		switch g, ok := got[c]; {
		case !ok:
			if missing++; missing <= most {
				t.Errorf("four_keys lacks %v: want %v", c, f)
			}
		case !g.same(f):
			if wrong++; wrong <= most {
				t.Errorf("four_keys %v: got %v, want %v", c, g, f)
			}
		}
	}
	for c, g := range got {
		if _, ok := want[c]; !ok {
			if extra++; extra <= most {
				t.Errorf("four_keys has %v: %v, which the reference has not", c, g)
			}
		}
	}
	if missing+extra+wrong > 0 {
		t.Errorf("%d cells missing, %d extra, %d wrong of %d", missing, extra, wrong, len(want))
	}
}

func TestRealIncidentsGiveTheFiguresOfTheFile(t *testing.T) {
	t.Parallel()
	base, stop := fake.NewServer(githubstatus.Organisation(), fake.WithoutLimits()).Start()
	t.Cleanup(stop)
	for _, zone := range []string{"Asia/Tokyo", "America/New_York"} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			loc, err := time.LoadLocation(zone)
			if err != nil {
				t.Fatal(err)
			}
			w := newWorkplace(t, githubstatus.Config(base, zone))
			w.run("run")
			got := fourKeys(w)
			stats := githubstatus.Expected(loc)
			if len(stats) < 100 {
				t.Fatalf("only %d figures to compare", len(stats))
			}
			for _, s := range stats {
				at := func(metric string) cell { return cell{"month", s.Month, s.Dimension, s.Value, metric} }
				check := func(metric string, number float64, n int) {
					t.Helper()
					want := figure{&number, int64(n)}
					if metric != "incidents" && n == 0 {
						want.number = nil
					}
					if g, ok := got[at(metric)]; !ok || !g.same(want) {
						t.Errorf("%v: got %v, want %v", at(metric), g, want)
					}
				}
				check("incidents", float64(s.Incidents), s.Incidents)
				check("time_to_restore_median_seconds", s.Median, s.Restored)
				check("time_to_restore_p90_seconds", s.P90, s.Restored)
				check("time_to_restore_mean_seconds", s.Mean, s.Restored)
			}
		})
	}
}
