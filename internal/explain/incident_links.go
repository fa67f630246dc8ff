package explain

import (
	"fmt"
	"strings"
	"time"
)

// Link is a deployment that an incident is linked to: its cause, or what fixed it.
type Link struct {
	DeploymentID string     `json:"deployment_id"`
	Services     []string   `json:"services"`
	Repository   string     `json:"repository"`
	Environment  string     `json:"environment"`
	SHA          string     `json:"sha"`
	FinishedAt   *time.Time `json:"finished_at"`
	How
}

// How is how a link was found and what speaks for it.
type How struct {
	Role       string `json:"role"`   // cause or fix
	Method     string `json:"method"` // field, pull_request, commit, revert, proximity or manual
	Rule       string `json:"rule"`
	Confidence string `json:"confidence"`
	Evidence   string `json:"evidence"`
	DecidedBy  string `json:"decided_by"`
	Reason     string `json:"reason"`
}

func newHow(role, method, confidence, evidence, decidedBy, reason any) How {
	e := How{Role: text(role), Method: text(method), Confidence: text(confidence), Evidence: text(evidence), DecidedBy: text(decidedBy), Reason: text(reason)}
	e.Rule = map[string]string{"field": "L1", "pull_request": "L2", "commit": "L2", "revert": "L2r", "proximity": "L3", "manual": "links"}[e.Method]
	return e
}

// words say how it was found, for the line after what is linked.
func (e How) words() string {
	s := fmt.Sprintf("%s by %s (%s), confidence %s", e.Role, e.Method, e.Rule, orNone(e.Confidence))
	if e.DecidedBy != "" {
		s += ", decided by " + e.DecidedBy
	}
	if e.Reason != "" {
		s += ": " + e.Reason
	}
	return s
}

// Step is a rule that was tried and what it came to.
type Step struct {
	Rule   string `json:"rule"`
	Detail string `json:"detail"`
}

// linksOf are the deployments that an incident is linked to: causes first.
func (r *reader) linksOf(incident string) []Link {
	out := []Link{}
	for _, x := range r.rows(`select l.deployment_id, d.service, d.repository, d.environment, d.sha, d.finished_at,
    l.role, l.method, l.confidence, l.evidence, l.decided_by, l.reason
from fct_incident_deployments as l
left join fct_deployments as d on l.deployment_id = d.deployment_id
where l.incident_id = $1
order by l.role, l.deployment_id, d.service`, incident) {
		l := Link{
			DeploymentID: text(x[0]), Services: []string{}, Repository: text(x[2]), Environment: text(x[3]), SHA: text(x[4]), FinishedAt: instant(x[5]),
			How: newHow(x[6], x[7], x[8], x[9], x[10], x[11]),
		}
		if n := len(out); n > 0 && out[n-1].DeploymentID == l.DeploymentID && out[n-1].Role == l.Role {
			out[n-1].Services = append(out[n-1].Services, text(x[1]))
			continue
		}
		if x[1] != nil {
			l.Services = append(l.Services, text(x[1]))
		}
		out = append(out, l)
	}
	return out
}

// unlinked says why no deployment is the cause of an incident; nothing where one is.
func (r *reader) unlinked(i *Incident, rules Rules) []Step {
	out := []Step{}
	for _, l := range i.Links {
		if l.Role == "cause" {
			return out
		}
	}
	var listed []any
	for _, x := range r.rows(`select reason, what_would_link, decided_by, decision_reason from fct_unlinked_incidents where incident_id = $1`, i.ID) {
		listed = x
	}
	if listed != nil && listed[2] != nil {
		return append(out, Step{"links", newHow(nil, "manual", nil, nil, listed[2], listed[3]).decision()})
	}
	out = append(out, byField(i, rules.CauseField))
	attached := "no attached pull request or commit was shipped at or before the start"
	if len(i.Links) > 0 {
		attached += "; what was shipped after it is a fix, and reverts nothing that is known to have been deployed"
	}
	out = append(out, Step{"L2", attached}, r.byProximity(i, rules))
	if listed != nil {
		out = append(out, Step{"L4", "what would link it: " + text(listed[1])})
	}
	return out
}

// decision says who decided what, and why.
func (e How) decision() string {
	s := e.DecidedBy + " decided that no deployment caused it"
	if e.Reason != "" {
		s += ": " + e.Reason
	}
	return s
}

func byField(i *Incident, field string) Step {
	if field == "" {
		return Step{"L1", "no custom field is asked (metrics.cause_field)"}
	}
	for _, f := range i.Fields {
		if strings.EqualFold(f.Field, field) {
			return Step{"L1", fmt.Sprintf("%s = %s names no deployment, commit, tag or release that is known to have been deployed", f.Field, f.Value)}
		}
	}
	return Step{"L1", fmt.Sprintf("the custom field %s says nothing", field)}
}

// byProximity says what the latest counted deployment before the start was, and why it is not the cause.
func (r *reader) byProximity(i *Incident, rules Rules) Step {
	if rules.FailureWindowOff {
		return Step{"L3", "deployments shortly before are not looked for (metrics.failure_window: off)"}
	}
	if len(i.Services) == 0 {
		services := r.rows(`select count(*) from dim_services`)
		if !rules.AnyService && (len(services) == 0 || number(services[0][0]) != 1) {
			return Step{"L3", "it names no service, and there are several (metrics.unattributed: none)"}
		}
	}
	last := r.rows(`select u.nearest_deployment_id, d.finished_at, string_agg(distinct d.service, ', ' order by d.service)
from fct_unlinked_incidents as u
inner join fct_deployments as d on u.nearest_deployment_id = d.deployment_id
where u.incident_id = $1 group by u.nearest_deployment_id, d.finished_at`, i.ID)
	if len(last) == 0 || i.Start.At == nil || instant(last[0][1]) == nil {
		return Step{"L3", "no counted deployment of what it affected finished before the start"}
	}
	x := last[0]
	before := i.Start.At.Sub(*instant(x[1])).Truncate(time.Second)
	return Step{"L3", fmt.Sprintf("the last counted deployment before the start, %s of %s, finished %s before it, and metrics.failure_window is %s",
		text(x[0]), text(x[2]), before, rules.FailureWindow)}
}

func (i *Incident) writeLinks(p *page) {
	var lines []string
	for _, l := range i.Links {
		where := strings.TrimSpace(strings.Join(l.Services, ", ") + " to " + l.Environment)
		finished := "not finished"
		if l.FinishedAt != nil {
			finished = "finished " + p.local(l.FinishedAt)
		}
		lines = append(lines, fmt.Sprintf("%s  %s, commit %s, %s", l.DeploymentID, where, short(l.SHA), finished), "  "+l.words())
		if l.Evidence != "" {
			lines = append(lines, "  "+l.Evidence)
		}
	}
	p.section("deployments", len(lines), func(n int) string { return lines[n] })
	p.section("no deployment is its cause (L4)", len(i.Unlinked), func(n int) string { return i.Unlinked[n].Rule + ": " + i.Unlinked[n].Detail })
}
