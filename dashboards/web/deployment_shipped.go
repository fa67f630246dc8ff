package web

import (
	"slices"
	"strconv"

	"fourfold/dashboards/chart"
)

// changesShown is how many changes of a deployment its page has.
const changesShown = 100

// shippedChanges are the changes that a deployment brought to production first.
type shippedChanges struct {
	Lead, More string
	Rows       []shippedChange
}

type shippedChange struct {
	ID, Title, Href, Services string
	Bot                       bool
	Lead, LeadRaw             string
	Phases                    []phasePart
	Excluded                  string
	Bar                       *chart.Drawing
}

// phasePart is a stretch of a lead time.
type phasePart struct{ Name, Class, Length, Raw string }

// phasesOf are the stretches of a lead time, in their order: the column, its text and its colour.
var phasesOf = []struct{ column, key, class string }{
	{"coding_seconds", "shipped_coding", "ph-coding"}, {"review_seconds", "shipped_review", "ph-review"}, {"deploy_seconds", "shipped_deploy", "ph-deploy"},
}

func (m *maker) shippedChanges() shippedChanges {
	var out shippedChanges
	var leads []float64
	at := map[string]int{}
	all := 0
	longest := 0.0
	for _, r := range m.tables["one_deployment_changes"].rows() {
		id := r.text("change_id")
		if i, there := at[id]; there { // of several services
			if i < len(out.Rows) {
				out.Rows[i].Services += m.l.t("list_joint") + r.text("service")
			}
			continue
		}
		at[id] = all
		all++
		if lead := r.number("lead_time_seconds"); lead != nil && r.flag("is_counted") {
			leads = append(leads, *lead)
			longest = max(longest, *lead)
		}
		if len(out.Rows) < changesShown {
			out.Rows = append(out.Rows, m.shippedChange(r, longest, len(out.Rows)))
		}
	}
	out.More = m.more(all, changesShown)
	if len(leads) > 0 {
		slices.Sort(leads)
		median := middle(leads)
		out.Lead = m.l.n("shipped_lead", len(leads), "low", m.l.Duration(&leads[0]), "high", m.l.Duration(&leads[len(leads)-1]), "median", m.l.Duration(&median))
	}
	return out
}

// shippedChange is one of them; the bars are to the scale of the longest lead time, which comes first.
func (m *maker) shippedChange(r row, longest float64, n int) shippedChange {
	lead := r.number("lead_time_seconds")
	v := shippedChange{
		ID: r.text("change_id"), Title: r.text("title"), Href: webAddress(r.text("url")), Services: r.text("service"), Bot: r.flag("is_bot"),
		Lead: m.l.Duration(lead), LeadRaw: raw(lead),
	}
	if v.Title == "" {
		v.Title = v.ID
	}
	if reason := r.text("exclusion_reason"); reason != "" {
		e := m.excluded(reason)
		v.Excluded = e.Text + " (" + e.Rule + ")"
	}
	v.Bar = &chart.Drawing{ID: "lead-" + strconv.Itoa(n), Class: "leadbar", W: 300, H: 10, Decoration: true}
	x := 0.0
	for _, p := range phasesOf {
		s := r.number(p.column)
		part := phasePart{Name: m.l.t(p.key), Class: p.class, Length: m.l.Duration(s), Raw: raw(s)}
		v.Phases = append(v.Phases, part)
		if s == nil || longest == 0 || lead == nil {
			continue
		}
		width := *s / longest * 300
		v.Bar.Rect(p.class, x, 0, max(width, 0.5), 10).Tip = part.Name + " " + part.Length
		x += width
	}
	if r.number("deploy_seconds") == nil && lead != nil && longest > 0 { // of a commit, or where a phase is not known
		v.Bar.Rect("ph-whole", x, 0, max(*lead/longest*300-x, 0.5), 10)
	}
	return v
}

// shippedCommits are the commits that a deployment brought to production first.
type shippedCommits struct {
	Title, More string
	Rows        []shippedCommit
}

type shippedCommit struct {
	SHA, Href, Change, ChangeText, Lead, LeadRaw, Excluded string
	Authored                                               moment
}

func (m *maker) shippedCommits() shippedCommits {
	var out shippedCommits
	hrefs := map[string]string{}
	for _, r := range m.tables["one_deployment_changes"].rows() {
		hrefs[r.text("change_id")] = webAddress(r.text("url"))
	}
	all := 0
	for _, r := range m.tables["one_deployment_commits"].rows() {
		all = r.count("commits")
		change := r.text("change_id")
		v := shippedCommit{
			SHA: shortened(r.text("sha")), Href: webAddress(r.text("url")), Change: hrefs[change], ChangeText: change,
			Lead: m.l.Duration(r.number("lead_time_seconds")), LeadRaw: raw(r.number("lead_time_seconds")), Authored: m.moment(r.at("authored_at")),
		}
		if reason := r.text("exclusion_reason"); reason != "" {
			e := m.excluded(reason)
			v.Excluded = e.Text + " (" + e.Rule + ")"
		}
		out.Rows = append(out.Rows, v)
	}
	out.Title = m.l.n("shipped_commits", all)
	out.More = m.more(all, len(out.Rows))
	return out
}
