package web

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// linkView is a deployment that caused or fixed an incident, and how that is known.
type linkView struct {
	L                         *language
	Role, What, SHA, Href     string
	ID, Page                  string // Page is the address of its own page, Href that of its commit at the source
	Finished                  moment
	Method, Confidence, Class string
	Evidence, Decided         string

	near     bool
	finished time.Time
	services []string
}

const shortSHA = 7

// linksOf gives the deployments of each incident: causes first. None where the build reads no deployments.
func (m *maker) linksOf(started map[string]time.Time, affected map[string][]string) map[string][]linkView {
	out := map[string][]linkView{}
	for _, r := range m.tables["incident_deployments"].rows() {
		id, deployment, role := r.text("incident_id"), r.text("deployment_id"), r.text("role")
		if deployment == "" {
			continue
		}
		same := slices.IndexFunc(out[id], func(v linkView) bool { return v.ID == deployment && v.Role == m.role(role) })
		if same >= 0 { // of several services: a row for each
			out[id][same].services = append(out[id][same].services, r.text("service"))
			continue
		}
		out[id] = append(out[id], m.link(r))
	}
	for id, links := range out {
		for i := range links {
			m.nearness(&links[i], started[id], affected[id])
		}
	}
	return out
}

func (m *maker) role(role string) string {
	if m.l.has("link_" + role) {
		return m.l.t("link_" + role)
	}
	return role
}

// nearness says in the page's language what speaks for a link by proximity: how long before the start the deployment had
// finished, and of which of the affected services it was.
func (m *maker) nearness(v *linkView, started time.Time, affected []string) {
	if !v.near || v.finished.IsZero() || started.Before(v.finished) {
		return
	}
	services := slices.DeleteFunc(slices.Clone(v.services), func(s string) bool { return !slices.Contains(affected, s) })
	if len(services) == 0 {
		services = v.services
	}
	v.Evidence = m.l.t("evidence_proximity", "duration", m.l.Duration(seconds(started.Sub(v.finished))), "service", strings.Join(services, m.l.t("list_joint")))
}

func (m *maker) link(r row) linkView {
	v := linkView{
		L: m.l, Role: m.role(r.text("role")), ID: r.text("deployment_id"), What: cmp.Or(r.text("repository"), r.text("deployment_id")), SHA: shortened(r.text("sha")),
		Finished: m.moment(r.at("finished_at")), Method: m.known("method_", r.text("method")), Confidence: m.known("confidence_", r.text("confidence")),
		Evidence: m.l.sentence(m.said(r, "evidence")),
		near:     r.text("method") == "proximity", finished: r.at("finished_at"), services: []string{r.text("service")},
	}
	if r.text("confidence") == "low" {
		v.Class = "warn"
	}
	v.Href, v.Page = webAddress(r.text("url")), m.objectHref(deploymentPath, v.ID)
	if by := r.text("decided_by"); by != "" {
		v.Decided = m.decided(by, r.text("reason"))
	}
	return v
}

// decided says who decided a link, or that there is none, and why if they said.
func (m *maker) decided(by, why string) string {
	if why == "" {
		return m.l.t("link_decided", "who", by)
	}
	return m.l.t("link_decided_why", "who", by, "why", why)
}

// shortened is a sha as people write it.
func shortened(sha string) string { return sha[:min(len(sha), shortSHA)] }

// capital begins words with a capital.
func capital(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + s[n:]
}

// said is what the marts say in the column of the page's language, of two that say the same.
func (m *maker) said(r row, column string) string {
	if m.l.Code != "en" {
		column += "_" + m.l.Code
	}
	return r.text(column)
}

// sentence begins with a capital and ends with a full stop, as the words of the marts do not.
func (l *language) sentence(s string) string {
	if s == "" {
		return ""
	}
	end := l.t("sentence_end")
	return strings.TrimSuffix(capital(s), end) + end
}
