package githubstatus

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Stat is what the data says about one group in one local month.
type Stat struct {
	Dimension string // all, severity or service (a component)
	Value     string // all, the impact, or the component
	Month     string // its first day, YYYY-MM-DD
	Incidents int    // that started in it
	Restored  int    // that were restored in it; the seconds below are over these
	Median    float64
	P90       float64
	Mean      float64
}

// Expected computes the figures straight from the data, with no rule but time to restore = resolved_at − started_at.
// Months are those of the time zone. A month without an incident and without a restoration has no Stat. Ordered by
// dimension, value and month.
func Expected(loc *time.Location) []Stat {
	stats := map[[3]string]*Stat{}
	seconds := map[[3]string][]float64{}
	at := func(dimension, value string, t time.Time) ([3]string, *Stat) {
		key := [3]string{dimension, value, t.In(loc).Format("2006-01") + "-01"}
		if stats[key] == nil {
			stats[key] = &Stat{Dimension: dimension, Value: value, Month: key[2]}
		}
		return key, stats[key]
	}
	for _, i := range read() {
		groups := [][2]string{{"all", "all"}, {"severity", i.Impact}}
		for _, c := range i.Components {
			groups = append(groups, [2]string{"service", c})
		}
		for _, g := range groups {
			_, s := at(g[0], g[1], i.StartedAt)
			s.Incidents++
			key, s := at(g[0], g[1], i.ResolvedAt)
			s.Restored++
			seconds[key] = append(seconds[key], i.ResolvedAt.Sub(i.StartedAt).Seconds())
		}
	}
	var out []Stat
	for key, s := range stats {
		if n := seconds[key]; len(n) > 0 {
			slices.Sort(n)
			s.Median, s.P90 = quantile(n, 0.5), quantile(n, 0.9)
			sum := 0.0
			for _, x := range n {
				sum += x // whole seconds: exact
			}
			s.Mean = sum / float64(len(n))
		}
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b Stat) int {
		return cmp.Or(cmp.Compare(a.Dimension, b.Dimension), cmp.Compare(a.Value, b.Value), cmp.Compare(a.Month, b.Month))
	})
	return out
}

// quantile is the continuous one: between the two nearest of the sorted values by distance.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	below := math.Floor(at)
	low, high := sorted[int(below)], sorted[int(math.Ceil(at))]
	return low + (high-low)*(at-below)
}
