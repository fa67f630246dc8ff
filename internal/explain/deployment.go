package explain

import (
	"context"
	"time"
)

// Deployment is what made a deployment's numbers. What the source reports once is a deployment of each service that its
// repository serves.
type Deployment struct {
	ID          string              `json:"deployment_id"`
	Source      string              `json:"source"`
	Aliases     []string            `json:"aliases"` // the ids that its sources have for it
	GroupID     string              `json:"group_id"`
	Repository  string              `json:"repository"`
	Environment string              `json:"environment"`
	SHA         string              `json:"sha"`
	Ref         string              `json:"ref"`
	URL         string              `json:"url"`
	CreatedAt   *time.Time          `json:"created_at"`
	FinishedAt  *time.Time          `json:"finished_at"`
	Status      string              `json:"status"`
	Services    []DeploymentService `json:"services"`
	Links       []IncidentLink      `json:"incidents"`
	Measures    []Measure           `json:"measures"`
	Findings    []Finding           `json:"findings"`
	BuildID     string              `json:"build_id"`
}

// DeploymentService is what a deployment is to one service.
type DeploymentService struct {
	Service      string     `json:"service"`
	Team         string     `json:"team"`
	Counted      bool       `json:"is_counted"`
	Exclusion    string     `json:"exclusion_reason"`
	Kind         string     `json:"kind"`
	Diverged     bool       `json:"is_diverged"`
	Previous     *Sibling   `json:"previous"`
	Culprit      *Sibling   `json:"culprit"`
	RolledBackBy []Sibling  `json:"rolled_back_by"`
	Commits      int64      `json:"commits_shipped"`
	Changes      int64      `json:"changes_shipped"`
	Shipped      []Shipped  `json:"changes"` // the first of them
	Failed       bool       `json:"is_change_failure"`
	Failure      string     `json:"failure_reason"`
	Reworked     bool       `json:"is_rework"`
	Rework       string     `json:"rework_reason"`
	RecoveredAt  *time.Time `json:"recovered_at"`
	Recovery     *int64     `json:"recovery_seconds"`
}

// Sibling is another deployment of the same service, repository and environment.
type Sibling struct {
	ID         string     `json:"deployment_id"`
	SHA        string     `json:"sha"`
	FinishedAt *time.Time `json:"finished_at"`
}

// Shipped is a change that went live with the deployment.
type Shipped struct {
	ID        string `json:"change_id"`
	Title     string `json:"title"`
	Counted   bool   `json:"is_counted"`
	Exclusion string `json:"exclusion_reason"`
	LeadTime  *int64 `json:"lead_time_seconds"`
}

// IncidentLink is an incident that the deployment caused or fixed.
type IncidentLink struct {
	IncidentID string     `json:"incident_id"`
	Reference  string     `json:"reference"`
	Name       string     `json:"name"`
	Severity   string     `json:"severity"`
	Counted    bool       `json:"is_counted"`
	StartedAt  *time.Time `json:"started_at"`
	RestoredAt *time.Time `json:"restored_at"`
	How
}

// mostShipped is how many of its changes a deployment shows, and how many of its commits a change.
const mostShipped = 20

// FindDeployment explains the deployment with our id (deployments:123), the number that its source has for it, its
// address, an alias or the beginning of its commit's hash.
func FindDeployment(ctx context.Context, q Querier, name string) (*Deployment, error) {
	r := reader{ctx: ctx, q: q}
	id, err := r.deploymentNamed(name)
	if err != nil {
		return nil, err
	}
	d := &Deployment{ID: id, Services: []DeploymentService{}}
	siblings := r.siblings(id)
	for _, x := range r.rows(`select source, aliases, group_id, repository, environment, sha, ref, url, created_at, finished_at, status, build_id,
    service, team, is_counted, exclusion_reason, kind, is_diverged, previous_deployment_id, culprit_deployment_id, commits_shipped, changes_shipped,
    is_change_failure, failure_reason, is_rework, rework_reason, recovered_at, recovery_seconds
from fct_deployments where deployment_id = $1 order by service`, id) {
		d.Source, d.Aliases, d.GroupID, d.Repository, d.Environment, d.SHA = text(x[0]), texts(x[1]), text(x[2]), text(x[3]), text(x[4]), text(x[5])
		d.Ref, d.URL, d.CreatedAt, d.FinishedAt, d.Status, d.BuildID = text(x[6]), text(x[7]), instant(x[8]), instant(x[9]), text(x[10]), text(x[11])
		s := DeploymentService{
			Service: text(x[12]), Team: text(x[13]), Counted: x[14] == true, Exclusion: text(x[15]), Kind: text(x[16]), Diverged: x[17] == true,
			Previous: siblings.one(x[18]), Culprit: siblings.one(x[19]), Commits: number(x[20]), Changes: number(x[21]),
			Failed: x[22] == true, Failure: text(x[23]), Reworked: x[24] == true, Rework: text(x[25]), RecoveredAt: instant(x[26]), Recovery: whole(x[27]),
		}
		s.RolledBackBy, s.Shipped = r.rolledBackBy(id, s.Service), r.shipped(id, s.Service)
		d.Services = append(d.Services, s)
	}
	d.Links = r.incidentsOf(id)
	d.Measures = r.measures(id, "deployment")
	// A commit that nobody has any more takes the lead times of the deployment after it, too (C6).
	d.Findings = r.found(`select rule, severity, case when object_id = $1 then '' else object_id || ', which was live before it: ' end || detail
from data_quality
where object_type = 'deployment' and (
    object_id = $1
    or rule = 'unknown_commit' and object_id in (select d.previous_deployment_id from fct_deployments as d where d.deployment_id = $1)
)
order by object_id <> $1, rule, detail`, id)
	return d, r.err
}

// siblings are the previous deployments and the culprits that a deployment names.
type siblings map[string]Sibling

func (r *reader) siblings(id string) siblings {
	out := siblings{}
	for _, x := range r.rows(`select distinct o.deployment_id, o.sha, o.finished_at
from fct_deployments as d
inner join fct_deployments as o on o.deployment_id in (d.previous_deployment_id, d.culprit_deployment_id)
where d.deployment_id = $1`, id) {
		out[text(x[0])] = Sibling{text(x[0]), text(x[1]), instant(x[2])}
	}
	return out
}

func (s siblings) one(id any) *Sibling {
	if id == nil {
		return nil
	}
	if found, ok := s[text(id)]; ok {
		return &found
	}
	return &Sibling{ID: text(id)}
}

func (r *reader) rolledBackBy(id, service string) []Sibling {
	out := []Sibling{}
	for _, x := range r.rows(`select deployment_id, sha, finished_at from fct_deployments
where culprit_deployment_id = $1 and service = $2 order by finished_at, deployment_id`, id, service) {
		out = append(out, Sibling{text(x[0]), text(x[1]), instant(x[2])})
	}
	return out
}

func (r *reader) shipped(id, service string) []Shipped {
	out := []Shipped{}
	for _, x := range r.rows(`select change_id, title, is_counted, exclusion_reason, lead_time_seconds from fct_changes
where deployment_id = $1 and service = $2 order by coalesce(merged_at, first_commit_at), change_id limit $3`, id, service, int64(mostShipped)) {
		out = append(out, Shipped{text(x[0]), text(x[1]), x[2] == true, text(x[3]), whole(x[4])})
	}
	return out
}

func (r *reader) incidentsOf(id string) []IncidentLink {
	out := []IncidentLink{}
	for _, x := range r.rows(`select i.incident_id, i.reference, i.name, i.severity, i.is_counted, i.started_at, i.restored_at,
    l.role, l.method, l.confidence, l.evidence, l.decided_by, l.reason
from fct_incident_deployments as l
inner join fct_incidents as i on l.incident_id = i.incident_id
where l.deployment_id = $1
order by l.role, i.started_at, i.incident_id`, id) {
		out = append(out, IncidentLink{
			text(x[0]), text(x[1]), text(x[2]), text(x[3]), x[4] == true, instant(x[5]), instant(x[6]), newHow(x[7], x[8], x[9], x[10], x[11], x[12]),
		})
	}
	return out
}
