package incidentio

import (
	"bytes"
	"encoding/json"
	"slices"
)

// piece is fixed text and then the value of a slot.
type piece struct {
	text []byte
	slot string
}

// prePagedOrganisation is Small less what would not be in an incident of the benchmark's shape; with short ids if lean.
func prePagedOrganisation(lean bool) *Organisation {
	o := Small()
	o.Incidents, o.Updates, o.FollowUps, o.Attachments, o.CatalogTypes = nil, nil, nil, nil, nil
	o.CustomFields, o.Timestamps = o.CustomFields[:1], o.Timestamps[1:4]
	o.CustomFields[0].Options = o.CustomFields[0].Options[:1]
	for _, u := range o.Users {
		u.Email = ""
	}
	n := 0
	short := func(kind string, id *string) {
		if n++; lean {
			*id = kind + itoa(n)
		}
	}
	for _, x := range o.Severities {
		short("sev", &x.ID)
	}
	for _, x := range o.Statuses {
		short("st", &x.ID)
	}
	for _, x := range o.Types {
		short("type", &x.ID)
	}
	for _, x := range o.Roles {
		short("role", &x.ID)
	}
	for _, x := range o.Timestamps {
		short("ts", &x.ID)
	}
	short("field", &o.CustomFields[0].ID)
	short("option", &o.CustomFields[0].Options[0].ID)
	for _, x := range o.Users {
		short("user", &x.ID)
	}
	return o
}

// lean takes from the objects inside an incident what is not needed to know them.
func lean(o any) {
	switch v := o.(type) {
	case object:
		for key, inner := range v {
			if m, ok := inner.(object); ok {
				for _, name := range []string{
					"created_at", "updated_at", "description", "instructions", "shortform", "required",
					"create_in_triage", "is_default", "private_incidents_only",
				} {
					delete(m, name)
				}
			}
			lean(v[key])
		}
	case []any:
		for _, inner := range v {
			lean(inner)
		}
	}
}

// prepare renders one incident for each mix of severity, people and service, with marks where the values go.
func (p *prePaged) prepare(o *Organisation, size int) {
	r := newRenderer(o, p.first)
	for v := range 12 {
		i := &Incident{
			ID: "@id......@", Name: "@name@", Summary: "@summary@", Mode: "standard", Visibility: "public", Severity: o.Severities[v%3].ID,
			Status: o.Statuses[4].ID, Type: o.Types[0].ID, Creator: Actor{User: o.Users[v%3].ID},
			Roles:  []RoleAssignment{{o.Roles[0].ID, o.Users[v%3].ID}, {o.Roles[1].ID, o.Users[(v+1)%3].ID}},
			Fields: []FieldValue{{Field: o.CustomFields[0].ID, Options: []string{o.CustomFields[0].Options[0].ID}}},
			Extra: map[string]any{
				"id": "@id@", "reference": "@reference@",
				"slack_channel_id": "@channel@", "created_at": "@created@", "updated_at": "@updated@", "last_activity_at": "@updated@",
			},
			Omit: []string{"duration_metrics", "has_debrief", "permalink"},
		}
		stamps := []any{}
		for n, slot := range []string{"@created@", "@accepted@", "@fixed@"} {
			stamps = append(stamps, object{"incident_timestamp": timestamp(o.Timestamps[n]), "value": object{"value": slot}})
		}
		i.Extra["incident_timestamp_values"] = stamps
		rendered := plain(r.incident(i))
		if size < fullSize {
			lean(rendered)
		}
		p.incidents = append(p.incidents, cut(rendered))
		for n, state := range []int{1, 4} {
			u := r.update(&Update{Status: o.Statuses[state].ID, Updater: i.Creator, Message: "@message@"})
			u["id"], u["incident_id"], u["created_at"] = "@id@", "@incident@", "@at@"
			if n == 0 {
				u["new_severity"] = severity(o.Severities[v%3])
			}
			p.updates = append(p.updates, cut(u))
		}
	}
	p.pad = max(1, size-len(p.incident(nil, min(p.n/2, 100_000)))+p.pad)
}

// cut takes a rendered object apart at its marks.
func cut(o object) []piece {
	text, err := json.Marshal(o)
	if err != nil {
		panic("incidentio fake: a template is no JSON: " + err.Error())
	}
	var out []piece
	for {
		before, rest, found := bytes.Cut(text, []byte("@"))
		slot, after, _ := bytes.Cut(rest, []byte("@"))
		// An address of e-mail has a single @ and no closing one of a known slot.
		for found && !slices.Contains(slots, string(slot)) {
			more, rest2, again := bytes.Cut(rest, []byte("@"))
			before = append(append(slices.Clone(before), '@'), more...)
			if !again {
				found = false
				break
			}
			rest = rest2
			slot, after, _ = bytes.Cut(rest, []byte("@"))
		}
		if !found {
			return append(out, piece{text: before})
		}
		out = append(out, piece{before, string(slot)})
		text = after
	}
}

var slots = []string{"id", "name", "summary", "reference", "number", "channel", "created", "updated", "accepted", "fixed", "incident", "at", "message"}

var words = []string{"latency ", "timeout ", "deploy ", "queue ", "checkout ", "database ", "cache ", "エラー ", "復旧 ", "監視 ", "retry ", "index ", "login ", "memory ", "disk ", "決済 "}

// prose appends about n bytes of words that depend on x.
func prose(b []byte, x uint64, n int) []byte {
	end := len(b) + n
	for round := uint64(0); len(b) < end; round++ {
		bits := mix(x + round<<32)
		for k := 0; k < 16 && len(b) < end; k++ {
			w := words[bits>>(4*k)&15]
			if len(b)+len(w) > end {
				w = "........................"[:end-len(b)]
			}
			b = append(b, w...)
		}
	}
	return b
}
