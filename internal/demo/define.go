package demo

import (
	"fmt"
	"time"

	"fourfold/internal/fake/incidentio"
)

func (m *maker) definition(name, description string) incidentio.Definition {
	return incidentio.Definition{ID: m.id(m.defined), Name: name, Description: description, CreatedAt: m.defined, UpdatedAt: m.defined.Add(600 * time.Millisecond)}
}

// define makes severities, statuses, types, timestamps, roles, custom fields and teams.
func (m *maker) define() {
	for rank, s := range [][2]string{{"Minor", "Few customers notice."}, {"Major", "Many customers notice."}, {"Critical", "The shop cannot be used."}} {
		m.o.Severities = append(m.o.Severities, &incidentio.Severity{Definition: m.definition(s[0], s[1]), Rank: rank + 1})
	}
	for rank, s := range [][3]string{
		{"Triage", "triage", "Is it an incident?"},
		{"Investigating", "live", "The cause is not known yet."},
		{"Fixing", "live", "The cause is known."},
		{"Monitoring", "live", "It seems fixed."},
		{"Paused", "paused", "Nobody works on it for now."},
		{"Documenting", "learning", "The review is being written."},
		{"Closed", "closed", "Nothing left to do."},
		{"Declined", "declined", "Not an incident."},
		{"Merged", "merged", "Part of another incident."},
		{"Canceled", "canceled", "Declared by mistake."},
	} {
		x := &incidentio.Status{Definition: m.definition(s[0], s[2]), Category: s[1], Rank: rank}
		m.o.Statuses, m.status[s[0]] = append(m.o.Statuses, x), x.ID
	}
	m.o.Types = []*incidentio.Type{
		{Definition: m.definition("Production", "What customers can see."), IsDefault: true},
		{Definition: m.definition("Security", "Few may know."), PrivateOnly: true},
		{Definition: m.definition("Data quality", "Numbers or records are wrong.")},
	}
	for rank, name := range []string{"Impact started", "Declared at", "Reported at", "Accepted at", "Fixed at", "Resolved at", "Closed at"} {
		x := &incidentio.Timestamp{ID: m.id(m.defined), Name: name, Rank: rank + 1}
		m.o.Timestamps, m.stamp[name] = append(m.o.Timestamps, x), x.ID
	}
	m.o.Roles = []*incidentio.Role{
		{Definition: m.definition("Incident Lead", "Leads the response."), RoleType: "lead", Shortform: "lead", IsRequired: true},
		{Definition: m.definition("Reporter", "Reported the incident."), RoleType: "reporter", Shortform: "reporter"},
		{Definition: m.definition("Communications", "Writes to customers."), RoleType: "custom", Shortform: "comms"},
	}
	m.fields()
	for _, name := range []string{"Platform", "Storefront", "Payments", "Data"} {
		m.o.Teams = append(m.o.Teams, &incidentio.Team{ID: m.id(m.defined), Name: name})
	}
}

const (
	fieldServices = iota
	fieldCause
	fieldCustomers
	fieldDashboard
	fieldNotes
	fieldCausedBy
)

func (m *maker) fields() {
	var names []string
	for _, s := range services {
		names = append(names, s.options...)
	}
	for _, f := range []struct {
		name, description, kind string
		options                 []string
	}{
		{"Affected services", "What customers could not use.", "multi_select", append(names, outside)},
		{"Cause", "What set it off.", "single_select", []string{"Deployment", "Capacity", "Configuration", "Third party", "Human error", "Unknown"}},
		{"Customers affected", "A count or an estimate.", "numeric", nil},
		{"Dashboard", "Where it can be seen.", "link", nil},
		{"Notes", "Anything else.", "text", nil},
		{causedBy, "The deployment or commit that set it off.", "text", nil},
	} {
		x := &incidentio.CustomField{Definition: m.definition(f.name, f.description), FieldType: f.kind}
		for n, value := range f.options {
			o := &incidentio.FieldOption{ID: m.id(m.defined), Value: value, SortKey: n}
			x.Options, m.option[value] = append(x.Options, o), o.ID
		}
		m.o.CustomFields = append(m.o.CustomFields, x)
	}
}

// people makes the users and gives their names: some have left, one has no address.
func (m *maker) people() []string {
	names := []string{
		"佐藤 花子", "鈴木 一郎", "高橋 美咲", "田中 健太", "伊藤 彩", "渡辺 大輔", "山本 由美", "中村 翔", "小林 直子", "加藤 拓也", "吉田 恵", "山田 亮",
		"Priya Raman", "Tomas Lind", "Maria Santos", "James O'Neill", "Chloé Martin", "Ahmed Hassan", "Nguyen Thi Lan", "Olga Petrova",
	}
	for n, name := range names {
		u := &incidentio.User{ID: m.id(m.defined), Name: name, Email: fmt.Sprintf("user%02d@shop.example", n+1), Role: "responder", SlackUserID: fmt.Sprintf("U%08d", n+1), Inactive: n%7 == 6}
		switch n {
		case 0:
			u.Role = "owner"
		case 1, 12:
			u.Role = "administrator"
		case 19:
			u.Email, u.Role = "", "viewer"
		}
		m.o.Users = append(m.o.Users, u)
	}
	return names
}

func (m *maker) user() string { return m.o.Users[m.rng.IntN(len(m.o.Users))].ID }

func (m *maker) actor() incidentio.Actor {
	switch x := m.rng.Float64(); {
	case x < 0.25:
		return incidentio.Actor{Alert: "Error rate above 5%"}
	case x < 0.3:
		return incidentio.Actor{APIKey: "chatops"}
	case x < 0.33:
		return incidentio.Actor{Workflow: "Declare from pager"}
	}
	return incidentio.Actor{User: m.user()}
}
