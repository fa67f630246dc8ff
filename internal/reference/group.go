package reference

import (
	"encoding/json"
	"strings"
)

// groupOf follows a dotted path into a record to the name of its group (D5), as text; empty if there is none. What stands
// on the way may be JSON as text, encoded more than once.
func groupOf(fields map[string]any, path string) string {
	if path == "" {
		return ""
	}
	var v any = fields
	for key := range strings.SplitSeq(path, ".") {
		m, ok := unwrapped(v).(map[string]any)
		if !ok {
			return ""
		}
		v = m[key]
	}
	return scalar(v)
}

// unwrapped reads text that holds JSON.
func unwrapped(v any) any {
	for {
		s, ok := v.(string)
		if !ok {
			return v
		}
		d := json.NewDecoder(strings.NewReader(s))
		d.UseNumber()
		var inner any
		if d.Decode(&inner) != nil {
			return v
		}
		v = inner
	}
}

// grouped gives each member of a group (a service, an environment and a group_id) all of them, of those that would count
// (D5); a deployment without one is a group of its own. The last finished one comes last: it is the one that counts.
func grouped(all []*shipment, s Settings) map[*shipment][]*shipment {
	type key struct{ service, environment, group string }
	members := map[key][]*shipment{}
	out := map[*shipment][]*shipment{}
	for _, x := range all {
		if !x.countsWith(s) {
			continue
		}
		if x.group == "" {
			out[x] = []*shipment{x}
			continue
		}
		k := key{x.service, fold(x.environment), x.group}
		members[k] = append(members[k], x)
	}
	for _, group := range members {
		sortShipments(group)
		for _, x := range group {
			out[x] = group
		}
	}
	return out
}
