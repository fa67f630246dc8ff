// Package explain says what stands behind a number: the timestamps, rules, links and rows that made it, read from the
// published marts. It computes nothing that the marts do not hold.
package explain

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"fourfold/dashboards"
	"fourfold/internal/render"
	"fourfold/load"
)

// Querier runs one SELECT over the published marts, in words that DuckDB and BigQuery both take. Parameters are $1, $2.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (*load.Rows, error)
	// Engine is how queries of dashboards are written there.
	Engine() dashboards.Engine
}

// ErrNotFound says that the published marts have no such object.
var ErrNotFound = errors.New("not in the published marts")

// AmbiguousError says that several objects have what was given for a name, and how to name one of them.
type AmbiguousError struct {
	What  string   // deployment 1a2b3c4
	Found []string // a line each, which begins with the name to give
	How   string
}

// mostCandidates is how many an error lists.
const mostCandidates = 20

func (e *AmbiguousError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s fits %d of them: %s", e.What, len(e.Found), e.How)
	for _, line := range e.Found[:min(len(e.Found), mostCandidates)] {
		fmt.Fprintf(&b, "\n  %s", render.Line(line))
	}
	if more := len(e.Found) - mostCandidates; more > 0 {
		fmt.Fprintf(&b, "\n  and %d more", more)
	}
	return b.String()
}

// Measure is what an object gives one metric in one service. A rate has a numerator and a denominator, all else a value.
type Measure struct {
	Metric      string    `json:"metric"`
	Service     string    `json:"service"`
	At          time.Time `json:"at"`
	LocalDate   string    `json:"local_date"`
	Value       *float64  `json:"value"`
	Numerator   *int64    `json:"numerator"`
	Denominator *int64    `json:"denominator"`
	Rule        string    `json:"rule"`
}

// Finding is what the checks found about an object.
type Finding struct {
	Rule     string `json:"rule"`
	Severity string `json:"severity"`
	Detail   string `json:"detail"`
}

// reader runs queries until one fails.
type reader struct {
	ctx context.Context
	q   Querier
	err error
}

func (r *reader) rows(sql string, args ...any) [][]any {
	if r.err != nil {
		return nil
	}
	rows, err := r.q.Query(r.ctx, sql, args...)
	if err != nil {
		r.err = err
		return nil
	}
	var out [][]any
	for row, err := range rows.All {
		if err != nil {
			r.err = err
			return nil
		}
		out = append(out, append([]any(nil), row...))
	}
	return out
}

// measures are what an object, known by the key of its mart, gives the metrics. A commit without a pull request is two
// objects: a commit and a change.
func (r *reader) measures(id string, objectTypes ...string) []Measure {
	out := []Measure{}
	for _, x := range r.rows(`select m.metric, m.service, m.at, cast(m.local_date as string), m.value / 1, m.numerator, m.denominator, m.rule
from fct_measures as m where object_id = $1 and object_type in ($2, $3) order by metric, service`, id, objectTypes[0], objectTypes[len(objectTypes)-1]) {
		m := Measure{
			Metric: text(x[0]), Service: text(x[1]), At: *instant(x[2]), LocalDate: text(x[3]),
			Numerator: whole(x[5]), Denominator: whole(x[6]), Rule: text(x[7]),
		}
		if v, ok := x[4].(float64); ok {
			m.Value = &v
		}
		out = append(out, m)
	}
	return out
}

// findings are what the checks found about an object.
func (r *reader) findings(objectType, id string) []Finding {
	return r.found(`select rule, severity, detail from data_quality where object_type = $1 and object_id = $2 order by rule, detail`, objectType, id)
}

func (r *reader) found(sql string, args ...any) []Finding {
	out := []Finding{}
	for _, x := range r.rows(sql, args...) {
		out = append(out, Finding{text(x[0]), text(x[1]), text(x[2])})
	}
	return out
}

func text(v any) string { return render.Text(v) }

// texts reads a JSON array of texts.
func texts(v any) []string {
	out := []string{}
	_ = json.Unmarshal([]byte(text(v)), &out) // what is not one is none
	return out
}

func instant(v any) *time.Time {
	if t, ok := v.(time.Time); ok {
		return &t
	}
	return nil
}

func whole(v any) *int64 {
	if n, ok := v.(int64); ok {
		return &n
	}
	return nil
}

func number(v any) int64 {
	n, _ := v.(int64)
	return n
}
