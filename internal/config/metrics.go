package config

// Service is what teams run: how incidents name it and how its deployments are known.
type Service struct {
	Name string `yaml:"name,required" eg:"api"`
	Team string `yaml:"team"`
	// IncidentValues are, by custom field or catalog type, the values that name this service.
	IncidentValues map[string][]string `yaml:"incident_values,one"`
	// Deployments are in order of precedence (D2). An empty list, when written, means none.
	Deployments []Deployment `yaml:"deployments" default:"[{from: deployments, environment: production}]"`
	Paths       []Glob       `yaml:"paths"` // a service in a monorepo
}

// Deployment is one way in which deployments of a service are known.
type Deployment struct {
	From DeploymentFrom `yaml:"from,required" eg:"deployments"`
	// Environment is, for deployments and files, patterns on the row's own environment, compared without case; for the
	// others the one name that their deployments are given.
	Environment []Glob   `yaml:"environment,one" default:"[production]"`
	Group       string   `yaml:"group"`      // where a row names its group (D5), such as payload.pipeline_id
	Workflow    string   `yaml:"workflow"`   // file name of a workflow
	Event       []string `yaml:"event,one"`  // of a workflow run; empty means any
	Branch      []Glob   `yaml:"branch,one"` // of a workflow run (empty means any) or of a pull request's target
	Pattern     Glob     `yaml:"pattern"`    // of tags, or of the tags of releases
}

// Metrics says how numbers are made; definitions.md has the rules.
type Metrics struct {
	Restore Restore `yaml:"restore"`
	// Acknowledge are timestamps, the first present counts; entered_live is a reserved word.
	Acknowledge []string `yaml:"acknowledge" default:"[Accepted at, entered_live]"`
	Counted     Counted  `yaml:"counted"`
	CauseField  string   `yaml:"cause_field"`
	// FailureWindow is how long before an incident a deployment may have finished to be linked by proximity (L3).
	FailureWindow FailureWindow `yaml:"failure_window" default:"24h"`
	Unattributed  Unattributed  `yaml:"unattributed" default:"none"`
	Links         Path          `yaml:"links"` // CSV or YAML of people's corrections; empty means none

	RollbackIsFailure bool   `yaml:"rollback_is_failure" default:"true"`
	CountRedeploys    bool   `yaml:"count_redeploys" default:"true"`
	Hotfix            Hotfix `yaml:"hotfix"`
	// FollowUps say when follow-ups are due.
	FollowUps FollowUps `yaml:"follow_ups"`
	Levels    int       `yaml:"levels" default:"2023"` // year of the report whose levels are used (B)
	// Durations are further durations between two timestamps, by name.
	Durations map[string]Between `yaml:"durations"`
	Goals     Goals              `yaml:"goals"`
}

// Restore says when an incident starts and ends: the first present of each list (I4, I6). created_at and left_live are
// reserved words, the rest are names of timestamps.
type Restore struct {
	Start       []string    `yaml:"start" default:"[Impact started, Declared at, Reported at, created_at]"`
	End         []string    `yaml:"end" default:"[Fixed at, Resolved at, left_live, Closed at]"`
	AttributeBy AttributeBy `yaml:"attribute_by" default:"restored_at"`
}

// Counted says which incidents count (I7).
type Counted struct {
	Modes           []Mode   `yaml:"modes" default:"[standard, retrospective]"`
	SeveritiesFrom  string   `yaml:"severities_from"` // the least severe that counts; empty means all
	WithoutSeverity bool     `yaml:"without_severity" default:"true"`
	ExcludeTypes    []string `yaml:"exclude_types"`
}

// Hotfix says which pull requests are hotfixes (W): by label, compared without case, or by a pattern on the branch.
type Hotfix struct {
	Labels   []string `yaml:"labels" default:"[hotfix]"`
	Branches []Glob   `yaml:"branches" default:"[hotfix/*]"`
}

// FollowUps say how long after its making a follow-up is due; zero is never.
type FollowUps struct {
	Due Duration `yaml:"due" default:"30d"`
	// ByPriority are the terms of priorities that have their own, by name without case.
	ByPriority map[string]Duration `yaml:"by_priority"`
}

// Between is a duration from one timestamp to another.
type Between struct {
	From string `yaml:"from,required" eg:"Impact started"`
	To   string `yaml:"to,required" eg:"Reported at"`
}

// Goals are what a team aims at; nil means no goal.
type Goals struct {
	LeadTime          *Duration `yaml:"lead_time,positive"`
	ChangeFailureRate *Percent  `yaml:"change_failure_rate"`
	TimeToRestore     *Duration `yaml:"time_to_restore,positive"`
	DeploymentsPerDay *float64  `yaml:"deployments_per_day,positive"`
}

// Goal is what a metric of dim_metrics should at most be, or at least, in the metric's unit.
type Goal struct {
	Name, Metric string // Name is its key in the configuration
	Limit        float64
	Least        bool
}

// All gives the goals that are set, in their order.
func (g Goals) All() []Goal {
	var out []Goal
	if g.LeadTime != nil {
		out = append(out, Goal{"lead_time", "lead_time_median_seconds", g.LeadTime.Seconds(), false})
	}
	if g.ChangeFailureRate != nil {
		out = append(out, Goal{"change_failure_rate", "change_failure_rate", g.ChangeFailureRate.Fraction(), false})
	}
	if g.TimeToRestore != nil {
		out = append(out, Goal{"time_to_restore", "time_to_restore_median_seconds", g.TimeToRestore.Seconds(), false})
	}
	if g.DeploymentsPerDay != nil {
		out = append(out, Goal{"deployments_per_day", "deployments_per_day", *g.DeploymentsPerDay, true})
	}
	return out
}
