package web

import (
	"regexp"
	"strings"
)

// deploymentService is what a deployment is in one service.
type deploymentService struct {
	Service, Team, Href string
	Counted             bool
	Failed, Reworked    bool
	Verdict             string
	Facts               []fact
}

// deploymentService says what the deployment counts for in a service, and why.
func (m *maker) deploymentService(r row, caused []incidentLink) deploymentService {
	f := m.f.alone()
	f.Service = r.text("service")
	v := deploymentService{
		Service: f.Service, Team: r.text("team"), Href: m.here.of(boardPath(m.catalogue, m.catalogue.Dashboard("deployments")), f),
		Counted: r.flag("is_counted"), Failed: r.flag("is_change_failure"), Reworked: r.flag("is_rework"),
	}
	if v.Counted {
		v.Verdict = m.l.t("one_deployment_counts")
	} else {
		e := m.excluded(r.text("exclusion_reason"))
		v.Verdict = m.l.t("one_deployment_not_counted", "reason", e.Text, "rule", e.Rule)
	}
	add := func(name, text, detail, href, raw string) {
		if text != "" {
			v.Facts = append(v.Facts, fact{Name: name, Values: []factValue{{text, detail, href}}, Raw: raw})
		}
	}
	if v.Counted {
		text, detail := m.l.t("no"), ""
		if v.Failed {
			text, detail = m.l.t("yes"), m.failure(r, caused)
		}
		add(m.l.t("one_failure"), text, detail, "", "")
	}
	if v.Failed {
		if s := r.number("recovery_seconds"); s != nil {
			add(m.l.t("one_recovery"), m.l.Duration(s), m.l.t("one_recovered", "time", m.precise(r.at("recovered_at")).Text, "rule", recoveryRule(r)), "", raw(s))
		} else if r.at("recovered_at").IsZero() {
			add(m.l.t("one_recovery"), m.l.t("step_not_yet"), m.l.t("one_not_recovered"), "", "")
		} else {
			add(m.l.t("one_recovery"), m.l.t("step_none"), m.l.t("one_recovered_before"), "", "")
		}
	}
	if v.Counted {
		text, detail := m.l.t("no"), ""
		if v.Reworked {
			text, detail = m.l.t("yes"), m.rework(r.text("rework_reason"))
		}
		add(m.l.t("one_rework"), text, detail, "", "")
	}
	if kind := r.text("kind"); kind != "" {
		meaning := m.known("kindmeaning_", kind)
		if r.flag("is_diverged") {
			meaning = m.l.t("kindmeaning_diverged")
		}
		add(m.l.t("one_kind"), m.known("kind_", kind), meaning, "", "")
		add(m.l.t("one_shipped"), m.l.n("sample_changes", r.count("changes_shipped")), m.l.n("sample_commits", r.count("commits_shipped")), "", "")
	}
	beside := func(name, column, sha, at string, since func(string) string) {
		id := r.text(column)
		if id == "" {
			return
		}
		text, detail := id, ""
		if before := r.at(at); !before.IsZero() {
			detail = m.precise(before).Text
			if own := r.at("finished_at"); !own.IsZero() {
				detail += m.l.t("list_joint") + since(m.l.Duration(seconds(own.Sub(before).Abs())))
			}
		}
		if s := shortened(r.text(sha)); s != "" {
			text, detail = s, strings.TrimSuffix(id+" · "+detail, " · ")
		}
		add(name, text, detail, m.objectHref(deploymentPath, id), "")
	}
	beside(m.l.t("one_previous"), "previous_deployment_id", "previous_sha", "previous_finished_at", func(d string) string { return m.l.t("one_earlier", "duration", d) })
	beside(m.l.t("one_next"), "next_deployment_id", "next_sha", "next_finished_at", func(d string) string { return m.l.t("one_later", "duration", d) })
	if id := r.text("culprit_deployment_id"); id != "" {
		add(m.l.t("one_culprit"), id, "", m.objectHref(deploymentPath, id), "")
	}
	if id := r.text("undone_by_deployment_id"); id != "" {
		add(m.l.t("one_undone"), id, m.precise(r.at("undone_at")).Text, m.objectHref(deploymentPath, id), "")
	}
	return v
}

// recoveryRule is R2 where a rollback ended the failure, R1 where the incidents did.
func recoveryRule(r row) string {
	if strings.HasPrefix(r.text("failure_reason"), "F2") {
		return "R2"
	}
	return "R1"
}

// failure says by which rule a deployment failed.
func (m *maker) failure(r row, caused []incidentLink) string {
	reason := r.text("failure_reason")
	rule, _, _ := strings.Cut(reason, " ")
	var names []string
	for _, c := range caused {
		if c.Counted {
			names = append(names, c.Reference)
		}
	}
	switch {
	case rule == "F1" && len(names) > 0:
		return m.l.t("one_failed_caused", "incidents", strings.Join(names, m.l.t("list_joint")))
	case rule == "F2" && r.text("undone_by_deployment_id") != "":
		return m.l.t("one_failed_undone_by", "id", r.text("undone_by_deployment_id"))
	}
	return m.failureReason(reason)
}

// reworkWords are how fct_deployments says why a deployment is rework, the longer ones first.
var reworkWords = []struct{ prefix, key string }{
	{"W rollback", "rework_rollback"},
	{"W fix of ", "rework_fix_of"},
	{"W fix", "rework_fix"},
	{"W hotfix branch ", "rework_branch"},
	{"W hotfix ", "rework_hotfix"},
}

var (
	reworkMark   = regexp.MustCompile(` \((label|branch) (.+)\)$`)
	reworkMember = regexp.MustCompile(` by (\S+)$`) // of the deployment's group
)

func (m *maker) rework(reason string) string {
	for _, w := range reworkWords {
		rest, ok := strings.CutPrefix(reason, w.prefix)
		if !ok {
			continue
		}
		member := ""
		if found := reworkMember.FindStringSubmatch(rest); found != nil {
			rest, member = strings.TrimSuffix(rest, found[0]), found[1]
		}
		if found := reworkMark.FindStringSubmatch(rest); found != nil {
			rest = m.l.t("rework_marked_"+found[1], "what", strings.TrimSuffix(rest, found[0]), "mark", found[2])
		}
		text := m.l.t(w.key, "what", rest)
		if member != "" {
			text = m.l.t("rework_member", "text", text, "id", member)
		}
		return text
	}
	return reason
}
