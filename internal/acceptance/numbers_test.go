package acceptance

import (
	"fmt"
	"math"
	"testing"
	"time"

	"fourfold/internal/demo/githubstatus"
	fake "fourfold/internal/fake/incidentio"
)

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
