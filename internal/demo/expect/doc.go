// Package expect computes the metrics a second time, for tests: plain slow code, written from the definitions and not from
// the SQL and the walk over the commit graph that it is compared with.
//
// It reads incidents as the incident platform's API gives them (decoded JSON, by the keys of the answers), and code as
// whoever made the organisation knows it (Code). It gives every metric of the design by period and group, without limits
// and levels, and what they are made of: incidents, deployments, changes, links. Sets of reached commits are made for
// every deployment anew; nothing is clever. It does not know groups of deployments (D5), links by people, paths in a
// repository, sources other than GitHub's deployments. All that it needs to know of a configuration is in Settings.
package expect

import "time"

// Objects are decoded JSON objects by the key of the answer that holds them: incidents, incident_updates.
type Objects = map[string][]map[string]any

// Settings are the parts of a configuration that change metrics.
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

	CauseField        string        // the custom field that names a cause; empty: none
	FailureWindow     time.Duration // how long before an incident its cause may have finished, where nothing names it (L3)
	AnyService        bool          // an incident that names no service may have any service's deployment for its cause
	RollbackIsFailure bool
	CountRedeploys    bool
	HotfixLabels      []string
	HotfixBranches    []string // patterns

	Services []Service
}

// Service is known by the values of custom fields, by the field's name; its deployments by the patterns of its production
// environments (none: production).
type Service struct {
	Name, Team   string
	Values       map[string][]string
	Environments []string
}

// Defaults are the settings of a configuration that gives no metrics: keys.
func Defaults(loc *time.Location, asOf time.Time) Settings {
	return Settings{
		Location: loc, WeekStart: time.Monday, AsOf: asOf,
		Start:       []string{"Impact started", "Declared at", "Reported at", "created_at"},
		End:         []string{"Fixed at", "Resolved at", "left_live", "Closed at"},
		Acknowledge: []string{"Accepted at", "entered_live"},
		Modes:       []string{"standard", "retrospective"}, WithoutSeverity: true,
		FailureWindow: 24 * time.Hour, RollbackIsFailure: true, CountRedeploys: true,
		HotfixLabels: []string{"hotfix"}, HotfixBranches: []string{"hotfix/*"},
	}
}
