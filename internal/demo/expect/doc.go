// Package expect says in plain types what package reference, which computes every number a second time for tests, has to
// know of an organisation and of its configuration. It computes nothing, so that whoever makes an organisation (package
// demo) can describe it without the reference becoming part of the program.
package expect

import "time"

// Objects are decoded JSON objects by the key of the answer that holds them: incidents, incident_updates, severities,
// incident_attachments, follow_ups and so on. Incidents of files stand among the incidents, written as the API would; what
// a file says of their start, end and services is in started_at, restored_at and services.
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
	NoWindow          bool          // L3 is off
	AnyService        bool          // an incident that names no service may have any service's deployment for its cause
	RollbackIsFailure bool
	CountRedeploys    bool
	HotfixLabels      []string
	HotfixBranches    []string // patterns
	Links             []Manual // people's corrections, before all rules

	Durations []Duration    // further ones, between two timestamps
	Due       time.Duration // in which a follow-up is to be done
	DueBy     map[string]time.Duration

	Services []Service
}

// Service is known by the values of custom fields, by the field's name; its deployments by rules, in order of precedence.
type Service struct {
	Name, Team string
	Values     map[string][]string
	// Environments are the patterns of the production environments of GitHub's deployments, where Rules is nil; none is
	// production.
	Environments []string
	Rules        []Rule
	Paths        []string // of a service that is a part of a repository (C3)
}

// Rule is one way in which deployments of a service are known.
type Rule struct {
	From         string   // deployments, releases, tags, workflow_runs, pull_requests or files
	Environments []string // patterns of deployments and files; the one name that the others are given
	Group        string   // dotted path to the group of a record (D5)
	Workflow     string
	Events       []string
	Branches     []string // patterns
	Pattern      string   // of tags, and of the tags of releases
}

// Manual is what a person has decided about an incident: its cause, or that it has none.
type Manual struct{ Incident, Deployment string }

// Duration is one between two timestamps, by their names or the reserved words.
type Duration struct{ Name, From, To string }

// Unlimited is a window that holds any deployment.
const Unlimited = time.Duration(1<<63 - 1)

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
		Due: 30 * 24 * time.Hour,
	}
}
