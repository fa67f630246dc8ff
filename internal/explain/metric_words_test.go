package explain

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

// What is left out for many reasons fills no page: the most frequent are shown, and how many more there are.
func TestOfManyReasonsTheMostFrequentAreShown(t *testing.T) {
	at := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	m := &Metric{Metric: "deployments", zone: time.UTC}
	for n := range 20 {
		for k := range 1 + n/10 {
			m.Excluded = append(m.Excluded, ExcludedRow{ObjectID: fmt.Sprintf("d%d-%d", n, k), At: &at, Reason: fmt.Sprintf("D1 environment preview-%02d", n)})
		}
	}
	text := func(limit int) string {
		var b bytes.Buffer
		if err := m.Write(&b, limit); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	got := text(10)
	if n := strings.Count(got, "D1 environment"); n != 8 || !strings.Contains(got, "preview-17: 2\n") || !strings.Contains(got, "\n  and 14 more for 12 other reasons: --limit 0 shows all\n") {
		t.Errorf("%d reasons:\n%s", n, got)
	}
	if got := text(0); strings.Count(got, "D1 environment") != 20 || strings.Contains(got, "other reasons") {
		t.Errorf("with --limit 0:\n%s", got)
	}
}

func TestLimitsAreWrittenAsPeopleReadThem(t *testing.T) {
	for want, v := range map[string]float64{"0.15166": 0.151662843, "1380.5": 1380.5, "189898": 189898, "10.242": 10.24159, "0": 0} {
		if got := rounded(&v); got != want {
			t.Errorf("%v is written %s, want %s", v, got, want)
		}
	}
}
