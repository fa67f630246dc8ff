package reference

import (
	"slices"
	"time"

	"fourfold/internal/config"
)

// Marts are what the tables of a build should hold.
type Marts struct{ Tables []Mart }

// Mart is one table: its key, the columns that are computed here, and its rows.
type Mart struct {
	Name    string
	Key     []string
	Columns []string // besides the key
	Rows    []Cells
}

// Cells are the values of a row by column: nil for null, string, bool, int64, float64, time.Time, or one of the kinds of
// expectations below.
type Cells map[string]any

type (
	// RuleText is a text that begins with the name of a rule, such as "I2" of "I2: declined".
	RuleText string
	// NameText is a name that compares without case.
	NameText string
	// EitherText is one of these names, without case.
	EitherText []string
	// Ids is a JSON array of these texts, the first one first.
	Ids []string
	// Anything is what the definitions leave open.
	Anything struct{}
	// Sixth is a number that is known to six decimals.
	Sixth float64
	// NoName is no name, or what stands for one that is not told.
	NoName struct{}
	// SomeText is any text: of people, which the privacy policy may have replaced.
	SomeText struct{}
)

// May marks a row that may be missing, since nobody counts it.
const May = "may be missing"

// Of gives a table by its name.
func (m *Marts) Of(name string) Mart {
	n := slices.IndexFunc(m.Tables, func(t Mart) bool { return t.Name == name })
	if n < 0 {
		return Mart{}
	}
	return m.Tables[n]
}

func martsOf(c *computed, conf *config.Config) *Marts {
	m := &Marts{}
	m.Tables = append(m.Tables, incidentMarts(c, conf)...)
	m.Tables = append(m.Tables, codeMarts(c)...)
	m.Tables = append(m.Tables, learningMarts(c)...)
	m.Tables = append(m.Tables, fourKeysMart(c))
	return m
}

// orNull makes what is empty null.
func orNull[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}

func orNullTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

func orNullPtr[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

func orNullRule(rule string) any {
	if rule == "" {
		return nil
	}
	return RuleText(rule)
}

func fourKeysMart(c *computed) Mart {
	m := Mart{
		Name: "four_keys", Key: []string{"period", "period_start", "dimension", "dimension_value", "metric"},
		Columns: []string{"value", "sample_size", "low", "high", "level", "is_open"},
	}
	for _, r := range c.fourKeys() {
		row := Cells{
			"period": r.Period, "period_start": r.PeriodStart, "dimension": r.Dimension, "dimension_value": r.Value, "metric": r.Metric,
			"value": orNullPtr(r.Number), "sample_size": int64(r.SampleSize), "low": orNullPtr(r.Low), "high": orNullPtr(r.High),
			"level": orNull(r.Level), "is_open": r.IsOpen,
		}
		if r.Metric == "deployments" || r.Metric == "deployments_per_day" || r.Metric == "incidents" { // exact Poisson limits
			row["low"], row["high"] = Sixth(*r.Low), Sixth(*r.High)
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}
