package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"
)

// deploymentPage is a deployment: what it shipped, what it caused, and what it counts for.
type deploymentPage struct {
	objectPage
	ID, Repository, Environment string
	SHA, ShortSHA, CommitHref   string
	Badges                      []badge
	Facts                       []fact
	Services                    []deploymentService
	Caused, Fixed               []incidentLink
	Group                       []neighbour
	Changes                     shippedChanges
	Commits                     shippedCommits
}

// neighbour is a deployment beside the one of the page.
type neighbour struct {
	Text, Href, SHA string
	Finished        moment
	Counted, Own    bool
}

// incidentLink is an incident that a deployment caused or fixed, and how that is known.
type incidentLink struct {
	incidentView
	L                         *language
	Page                      string
	Method, Confidence, Class string
	Evidence, Decided         string
}

var deploymentQueries = []string{
	"one_deployment", "one_deployment_incidents", "one_deployment_changes", "one_deployment_commits", "one_deployment_group", "one_deployment_findings",
}

// serveDeployment answers /deployments/ID.
func (s *server) serveDeployment(w http.ResponseWriter, r *http.Request) {
	id := idOf(r.PathValue("id"))
	if !knowable(id) {
		s.serveNotFound(w, r)
		return
	}
	here := at(deploymentPath(id))
	s.serveBuilt(w, r, here, "deploymentpage", func(ctx context.Context, build string, f filter) (any, error) {
		m, err := s.open(ctx, build, here, f)
		if err != nil {
			return nil, err
		}
		if _, err = s.askDeployment(ctx, m, id); err != nil {
			return nil, err
		}
		return s.makeDeployment(m, f), nil
	})
}

// serveDeploymentRows answers /api/deployments/ID.json.
func (s *server) serveDeploymentRows(w http.ResponseWriter, r *http.Request) {
	s.serveRows(w, r, "deployment", s.askDeployment)
}

func (s *server) askDeployment(ctx context.Context, m *maker, id string) ([]string, error) {
	params := m.only(s.RowLimit)
	params["deployment"] = id
	var err error
	if m.tables, err = s.store.tables(ctx, m.b.ID, params, deploymentQueries...); err != nil {
		return nil, err
	}
	if len(m.tables["one_deployment"].Rows) == 0 {
		return nil, missingObject{"deployment", id}
	}
	return deploymentQueries, nil
}

func (s *server) makeDeployment(m *maker, asked filter) *deploymentPage {
	r := m.tables["one_deployment"].rows()[0]
	id, sha := r.text("deployment_id"), r.text("sha")
	what := r.text("repository")
	if what == "" {
		what = id
	}
	p := &deploymentPage{
		objectPage: s.object(m, asked, "deployments", strings.TrimSpace(what+" "+shortened(sha))),
		ID:         id, Repository: what, Environment: r.text("environment"), SHA: sha, ShortSHA: shortened(sha),
		Badges: m.deploymentBadges(r), Facts: m.deploymentFacts(r), Changes: m.shippedChanges(), Commits: m.shippedCommits(),
	}
	if base := webAddress(r.text("repository_url")); base != "" && sha != "" {
		p.CommitHref = base + "/commit/" + sha
	}
	for _, g := range m.tables["one_deployment_group"].rows() {
		n := m.neighbour(g.text("deployment_id"), g.text("sha"), g.at("finished_at"))
		n.Counted, n.Own = g.flag("is_counted"), g.text("deployment_id") == id
		p.Group = append(p.Group, n)
	}
	for _, l := range m.tables["one_deployment_incidents"].rows() {
		if v := m.incidentLink(l, r); l.text("role") == "cause" {
			p.Caused = append(p.Caused, v)
		} else {
			p.Fixed = append(p.Fixed, v)
		}
	}
	for _, row := range m.tables["one_deployment"].rows() { // one that was taken back twice is there twice
		if !slices.ContainsFunc(p.Services, func(v deploymentService) bool { return v.Service == row.text("service") }) {
			p.Services = append(p.Services, m.deploymentService(row, p.Caused))
		}
	}
	p.Findings = m.findings("one_deployment_findings", id)
	p.Explain = explainCommand("deployment", id)
	p.Statements = s.rowsOf("deployment_id", id, "fct_deployments", "fct_changes", "fct_commits", "fct_incident_deployments")
	p.RowsHref = m.here.of("api/"+deploymentPath(id)+".json", m.f.alone())
	return p
}

func (m *maker) deploymentBadges(r row) []badge {
	var out []badge
	if kind := r.text("kind"); kind != "" {
		out = append(out, badge{m.known("kind_", kind), ""})
	}
	class := ""
	if status := r.text("status"); status == "success" {
		class = "good"
	} else if status == "failure" || status == "error" {
		class = "error"
	}
	out = append(out, badge{m.known("deploystatus_", r.text("status")), class})
	failed, reworked := false, false
	for _, row := range m.tables["one_deployment"].rows() {
		failed, reworked = failed || row.flag("is_change_failure"), reworked || row.flag("is_rework")
	}
	if failed {
		out = append(out, badge{m.l.t("one_failure"), "error"})
	}
	if reworked {
		out = append(out, badge{m.l.t("one_rework"), "warn"})
	}
	return out
}

// deploymentFacts are the same in all its services.
func (m *maker) deploymentFacts(r row) []fact {
	var out []fact
	add := func(name, text, detail string) {
		if text != "" {
			out = append(out, fact{Name: name, Values: []factValue{{Text: text, Detail: detail}}})
		}
	}
	add(m.l.t("one_environment"), r.text("environment"), "")
	add(m.l.t("one_ref"), r.text("ref"), "")
	took := ""
	created, finished := r.at("created_at"), r.at("finished_at")
	if !created.IsZero() && !finished.Before(created) && !finished.IsZero() {
		took = m.l.t("one_took", "duration", m.l.Duration(seconds(finished.Sub(created))))
	}
	if !created.IsZero() {
		add(m.l.t("one_began"), m.precise(created).Text, "")
	}
	if finished.IsZero() {
		add(m.l.t("one_finished"), m.l.t("one_never_finished"), "")
	} else {
		add(m.l.t("one_finished"), m.precise(finished).Text, took)
	}
	add(m.l.t("one_source"), m.known("source_", r.text("source")), r.text("deployment_id"))
	return out
}

// neighbour names a deployment and leads to it.
func (m *maker) neighbour(id, sha string, finished time.Time) neighbour {
	return neighbour{Text: id, SHA: shortened(sha), Href: m.objectHref(deploymentPath, id), Finished: m.moment(finished)}
}

// incidentLink shows an incident that the deployment caused or fixed.
func (m *maker) incidentLink(r, deployment row) incidentLink {
	v := incidentLink{
		L:    m.l,
		Page: m.objectHref(incidentPath, r.text("incident_id")), Method: m.known("method_", r.text("method")), Confidence: m.known("confidence_", r.text("confidence")),
		Evidence: m.l.sentence(m.said(r, "evidence")),
	}
	if r.text("confidence") == "low" {
		v.Class = "warn"
	}
	if by := r.text("decided_by"); by != "" {
		v.Decided = m.decided(by, r.text("reason"))
	}
	if started, finished := r.at("started_at"), deployment.at("finished_at"); r.text("method") == "proximity" && !finished.IsZero() && !started.Before(finished) {
		v.Evidence = m.l.t("one_began_after", "duration", m.l.Duration(seconds(started.Sub(finished))))
	}
	v.incidentView = incidentView{
		ID: r.text("incident_id"), Reference: r.text("reference"), Name: r.text("name"), Href: webAddress(r.text("permalink")),
		Severity: m.severityName(r.text("severity")), SeverityClass: m.classes[r.text("severity")], Status: r.text("status"),
		Started: m.moment(r.at("started_at")), Restore: m.l.Duration(r.number("time_to_restore_seconds")), RestoreRaw: raw(r.number("time_to_restore_seconds")),
		Counted: r.flag("is_counted"),
	}
	if v.Reference == "" {
		v.Reference = v.ID
	}
	if v.Name == "" {
		v.Name = m.l.t("unnamed")
	}
	if category := r.text("status_category"); r.at("restored_at").IsZero() && !r.at("started_at").IsZero() && (category == "live" || category == "paused") {
		v.OpenFor = m.l.t("open_for", "duration", m.l.Duration(seconds(m.b.AsOf.Sub(r.at("started_at")))))
	}
	if reason := r.text("exclusion_reason"); reason != "" {
		e := m.excluded(reason)
		v.Excluded = e.Text + " (" + e.Rule + ")"
	}
	return v
}
