package random

import (
	"strings"
	"time"
)

// nameThings fills an incident's custom fields: services by options and by the catalog, the cause by whatever people write.
func (m *maker) nameThings(i *incident) {
	d := m.definitions
	for _, f := range d.fields {
		var value any
		switch f.name {
		case "Product":
			value = m.options1(f, []int{0, 1, 1, 1, 2, 3})
		case "原因":
			value = m.options1(f, []int{0, 1})
		case "Affected services":
			if m.chance(0.3) {
				entry := pick(m, d.options[f.name])
				value = func(time.Time) []any {
					return []any{object{"value_catalog_entry": object{"id": entry.id, "name": entry.name, "external_id": "svc"}}}
				}
			}
		case "Caused by":
			if m.chance(0.5) {
				causes := []any{object{"value_text": m.mention(i)}}
				if m.chance(0.15) {
					causes = append(causes, object{"value_text": m.mention(i)})
				}
				value = func(time.Time) []any { return causes }
			}
		case "Customers":
			value = func(time.Time) []any { return []any{object{"value_numeric": text("%d.5", i.number)}} }
		}
		i.fields = append(i.fields, value)
	}
}

// options1 chooses so many options of a field as one of the numbers says.
func (m *maker) options1(f named, numbers []int) func(time.Time) []any {
	chosen := some(m, pick(m, numbers), m.definitions.options[f.name])
	return func(seen time.Time) []any {
		values := []any{}
		for _, o := range chosen {
			values = append(values, object{"value_option": object{"id": o.id, "custom_field_id": f.id, "value": o.nameAt(seen), "sort_key": 1}})
		}
		return values
	}
}

// mention is what somebody writes of an incident's cause: something that was deployed, mostly before it, by one of its
// names, or something that is no name at all.
func (m *maker) mention(i *incident) string {
	l := pick(m, m.launches)
	for range 6 {
		if near := pick(m, m.launches); near.created.Before(i.created) && near.created.After(l.created) {
			l = near
		}
	}
	number := l.id
	switch m.rng.IntN(14) {
	case 0:
		return number
	case 1:
		return "deployments:" + number
	case 2:
		return l.source + ":" + l.id
	case 3:
		return orElse(l.address, number)
	case 4:
		return orElse(l.webPage, number)
	case 5:
		return " " + strings.ToUpper(orElse(l.address, number)) + "#deployment "
	case 6:
		return orElse(l.sha, number)
	case 7:
		if len(l.sha) == 40 {
			return l.sha[:pick(m, []int{7, 8, 12})]
		}
		return number
	case 8:
		if l.repository != nil && l.commit != nil {
			return text("https://github.com/%s/commit/%s", l.repository.name, l.commit.sha)
		}
		return number
	case 9:
		r := pick(m, m.repositories)
		return text("https://github.com/%s/releases/tag/v1.%d.0", r.name, m.rng.IntN(6))
	case 10:
		return pick(m, []string{"v1.1.0", "V1.2.0", "refs/tags/v1.3.0", "r1.0.0", "v9.9.9", "main", "lib/core@1.1.0", "@acme/pkg@1.2.0", "acme/api-old@v1.1.0"})
	case 11:
		r := pick(m, m.repositories)
		return pick(m, r.commits).sha
	case 12:
		return "#" + number
	default:
		return pick(m, []string{"the vendor", "不明", "abc", "abcdef1", "0", "https://example.test/deployments/x", "deployments:99999999"})
	}
}
