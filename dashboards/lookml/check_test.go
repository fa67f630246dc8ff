package lookml

import (
	"strings"
	"testing"
)

// find gives a block of a view or explore; the project must have it.
func (p *project) find(t *testing.T, in, name string) *node {
	t.Helper()
	for _, all := range [][]placed{p.views, p.explores} {
		for _, f := range all {
			for _, n := range f.nodes {
				if n.key+" "+n.name != in {
					continue
				}
				if name == "" {
					return n
				}
				for _, k := range n.kids {
					if k.name == name {
						return k
					}
				}
			}
		}
	}
	t.Fatalf("there is no %s in %s", name, in)
	return nil
}

func (p *project) element(t *testing.T, board, name string) *dbElement {
	t.Helper()
	for i := range p.dashboards {
		for j := range p.dashboards[i].Elements {
			if p.dashboards[i].Dashboard == board && p.dashboards[i].Elements[j].Name == name {
				return &p.dashboards[i].Elements[j]
			}
		}
	}
	t.Fatalf("there is no element %s on %s", name, board)
	return nil
}

func TestEveryReferenceIsResolved(t *testing.T) {
	for name, fault := range map[string]struct {
		break_ func(t *testing.T, p *project)
		want   string
	}{
		"a field of an element": {func(t *testing.T, p *project) {
			p.element(t, "incidents", "incidents").Fields[0] = "fct_incidents.refrence"
		}, "names fct_incidents.refrence: there is no such field"},
		"a view that the explore has not": {func(t *testing.T, p *project) {
			e := p.element(t, "incidents", "incidents")
			e.Fields = append(e.Fields, "fct_changes.title")
		}, "names fct_changes.title, which explore fct_incidents has not"},
		"an explore": {func(t *testing.T, p *project) {
			p.element(t, "incidents", "drills").Explore = "fct_drill"
		}, "there is no explore fct_drill"},
		"a timeframe": {func(t *testing.T, p *project) {
			p.element(t, "incidents", "drills").Listen["Date"] = "fct_drills.started_fortnight"
		}, "names fct_drills.started_fortnight: there is no such field"},
		"a filter of an element": {func(t *testing.T, p *project) {
			p.element(t, "incidents", "open_incidents").Filters["fct_incidents.is_count"] = "Yes"
		}, "names fct_incidents.is_count"},
		"a filter that is listened to": {func(t *testing.T, p *project) {
			p.element(t, "incidents", "drills").Listen["Team"] = "fct_drills.severity"
			p.dashboards[1].Filters = p.dashboards[1].Filters[:1]
		}, "listens to Team, which the dashboard has not"},
		"a filter that nothing listens to": {func(_ *testing.T, p *project) {
			p.dashboards[0].Filters = append(p.dashboards[0].Filters, dbFilter{Name: "Mood", Type: "string_filter"})
		}, "filter Mood: nothing listens to it"},
		"the field of a filter": {func(_ *testing.T, p *project) {
			f := p.dashboards[0].Filters
			f[len(f)-1].Field = "dim_repositories.repo"
		}, "names dim_repositories.repo"},
		"a sort by what is not shown": {func(t *testing.T, p *project) {
			p.element(t, "incidents", "drills").Sorts = []string{"fct_drills.mode desc"}
		}, "is sorted by fct_drills.mode"},
		"a pivot that is not shown": {func(t *testing.T, p *project) {
			p.element(t, "overview", "lead_times").Pivots = []string{"panel_lead_times.low"}
		}, "is turned by panel_lead_times.low"},
		"a parameter among the fields": {func(t *testing.T, p *project) {
			e := p.element(t, "overview", "lead_times")
			e.Fields = append(e.Fields, "panel_lead_times.period")
		}, "which is a parameter"},
		"an element on another": {func(t *testing.T, p *project) {
			p.element(t, "overview", "lead_times").Col--
		}, "lies on"},
		"an element beyond the page": {func(t *testing.T, p *project) {
			p.element(t, "overview", "lead_times").Width++
		}, "has no place"},
		"an element twice": {func(t *testing.T, p *project) {
			p.element(t, "overview", "lead_times").Name = "failure_rates"
		}, "element failure_rates is there twice"},
		"a dashboard twice": {func(_ *testing.T, p *project) {
			p.dashboards[1].Dashboard = p.dashboards[0].Dashboard
		}, "dashboard overview is there twice"},
		"a substitution": {func(t *testing.T, p *project) {
			p.find(t, "view fct_incidents", "time_to_restore").get("sql").text = "${time_to_restore_second} / 86400.0"
		}, "names fct_incidents.time_to_restore_second"},
		"Liquid": {func(t *testing.T, p *project) {
			p.find(t, "view fct_incidents", "reference").get("link").get("url").text = "{{ fct_incidents.permalnk._value }}"
		}, "names fct_incidents.permalnk"},
		"a field that is drilled into": {func(t *testing.T, p *project) {
			p.find(t, "view fct_incidents", "incidents").get("drill_fields").list = []string{"details*"}
		}, "there is no such set"},
		"a field of a set": {func(t *testing.T, p *project) {
			f := p.find(t, "view fct_incidents", "detail").get("fields")
			f.list = append(f.list, "nmae")
		}, "names fct_incidents.nmae"},
		"a filter of a measure": {func(t *testing.T, p *project) {
			p.find(t, "view fct_incidents", "incidents").get("filters").rows[0].key = "counted"
		}, "names fct_incidents.counted"},
		"an order": {func(t *testing.T, p *project) {
			p.find(t, "view fct_incidents", "severity").get("order_by_field").text = "rank"
		}, "names fct_incidents.rank"},
		"a suggestion": {func(t *testing.T, p *project) {
			p.find(t, "view metric", "service").get("suggest_dimension").text = "dim_services.name"
		}, "names dim_services.name"},
		"a field twice": {func(t *testing.T, p *project) {
			v := p.find(t, "view fct_incidents", "")
			v.add(block("dimension", "started_date", str("label", "Again")))
		}, "field started_date is there twice"},
		"a view twice": {func(t *testing.T, p *project) {
			p.views = append(p.views, placed{"again", []*node{p.find(t, "view fct_incidents", "")}})
		}, "view fct_incidents is there twice"},
		"an explore twice": {func(t *testing.T, p *project) {
			p.explores = append(p.explores, placed{"again", []*node{p.find(t, "explore fct_incidents", "")}})
		}, "explore fct_incidents is there twice"},
		"no primary key": {func(t *testing.T, p *project) {
			p.find(t, "view fct_incidents", "incident_id").get("primary_key").text = "no"
		}, "view fct_incidents has 0 primary keys"},
		"no label": {func(t *testing.T, p *project) {
			p.find(t, "view fct_incidents", "name").get("label").text = ""
		}, "has no label"},
		"a join to no view": {func(t *testing.T, p *project) {
			p.find(t, "explore fct_incidents", "fct_follow_ups").name = "fct_follow_up"
		}, "there is no view fct_follow_up"},
		"a join by no field": {func(t *testing.T, p *project) {
			p.find(t, "explore fct_incidents", "fct_follow_ups").get("sql_on").text = "${fct_incidents.id} = ${fct_follow_ups.incident_id}"
		}, "names fct_incidents.id"},
		"a join by a later one": {func(t *testing.T, p *project) {
			p.find(t, "explore fct_incidents", "fct_incident_services").get("sql_on").text += " and ${fct_follow_ups.follow_up_id} is null"
		}, "before it is joined"},
		"a join that is none": {func(t *testing.T, p *project) {
			p.find(t, "explore fct_incidents", "fct_follow_ups").get("sql_on").text = "${fct_incidents.reference} is not null"
		}, "is joined by none of its fields"},
		"a relationship": {func(t *testing.T, p *project) {
			p.find(t, "explore fct_incidents", "fct_follow_ups").get("relationship").text = "one_to_some"
		}, `has relationship "one_to_some"`},
		"a usual filter": {func(t *testing.T, p *project) {
			for _, k := range p.find(t, "explore fct_incidents", "").kids {
				if k.key == "conditionally_filter" {
					k.get("filters").rows[0].key = "fct_incidents.begin_date"
				}
			}
		}, "names fct_incidents.begin_date"},
		"a filter of a query that the view has not": {func(t *testing.T, p *project) {
			p.find(t, "view panel_hours", "service").name = "services"
		}, "uses service, which is no filter of the view"},
		"a filter of the view that its query has not": {func(t *testing.T, p *project) {
			p.find(t, "view panel_hours", "").add(block("filter", "mood", str("label", "Mood")))
		}, "does not use the view's filter mood"},
		"a parameter that is none of Looker's": {func(t *testing.T, p *project) {
			p.find(t, "view panel_hours", "").get("derived_table").get("sql").text += " limit @row_limit"
		}, "@row_limit is no parameter of Looker"},
		"a constant": {func(_ *testing.T, p *project) {
			p.manifest = p.manifest[:2]
		}, "names the constant SCHEMA"},
		"a datagroup": {func(_ *testing.T, p *project) {
			p.model[len(p.model)-1].text = "builds"
		}, "there is no such datagroup"},
		"a link to a dashboard": {func(_ *testing.T, p *project) {
			p.dashboards[0].Dashboard = "summary"
		}, "a link leads to /dashboards/fourfold::overview"},
		"a field of a test": {func(_ *testing.T, p *project) {
			p.tests[0].get("explore_source").kids[0].get("field").text = "publication.build"
		}, "names publication.build"},
	} {
		p, err := makeProject(Defaults)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.check(); err != nil {
			t.Fatalf("before any fault: %v", err)
		}
		fault.break_(t, p)
		if err := p.check(); err == nil || !strings.Contains(err.Error(), fault.want) {
			t.Errorf("%s: got %v, want %q", name, err, fault.want)
		}
	}
}
