// Package expect computes incident metrics a second time, for tests: plain slow code, written from the definitions (I1 to
// I8, R3, P1 to P3, M1) and not from the SQL that it is compared with.
//
// It reads objects as the incident platform's API gives them (decoded JSON, by the keys of the answers). It knows the
// metrics incidents, time_to_restore_{median,p90,mean}_seconds and time_to_acknowledge_median_seconds, without limits and
// levels. All that it needs to know of a configuration is in Settings.
package expect

import "time"

// Objects are decoded JSON objects by the key of the answer that holds them: incidents, incident_updates.
type Objects = map[string][]map[string]any

// Settings are the parts of a configuration that change incident metrics.
type Settings struct {
	Location  *time.Location // periods begin at midnight here
	WeekStart time.Weekday
	AsOf      time.Time

	Start       []string // names of timestamps, or created_at
	End         []string // names of timestamps, or left_live
	Acknowledge []string // names of timestamps, or entered_live
	ByStart     bool     // a time to restore falls in the period of the start, not in that of the restoration

	Modes           []string
	SeveritiesFrom  string // name of the lowest that counts; empty: all
	WithoutSeverity bool
	ExcludeTypes    []string
	Private         bool // private incidents count

	Services []Service
}

// Service is known by the values of custom fields, by the field's name.
type Service struct {
	Name, Team string
	Values     map[string][]string
}

// Defaults are the settings of a configuration that gives no metrics: keys.
func Defaults(loc *time.Location, asOf time.Time) Settings {
	return Settings{
		Location: loc, WeekStart: time.Monday, AsOf: asOf,
		Start:       []string{"Impact started", "Declared at", "Reported at", "created_at"},
		End:         []string{"Fixed at", "Resolved at", "left_live", "Closed at"},
		Acknowledge: []string{"Accepted at", "entered_live"},
		Modes:       []string{"standard", "retrospective"}, WithoutSeverity: true,
	}
}
