package reference

import "strings"

// declaredSeverities gives of each incident the severity that its earliest update to name one says, by (time, id).
func declaredSeverities(o Objects) map[string]map[string]any {
	out, from := map[string]map[string]any{}, map[string]map[string]any{}
	for _, u := range o["incident_updates"] {
		severity, _ := u["new_severity"].(map[string]any)
		if text(severity, "name") == "" {
			continue
		}
		id := text(u, "incident_id")
		if was := from[id]; was != nil {
			c := instant(text(u, "created_at")).Compare(instant(text(was, "created_at")))
			if c > 0 || c == 0 && strings.Compare(text(u, "id"), text(was, "id")) > 0 {
				continue
			}
		}
		out[id], from[id] = severity, u
	}
	return out
}

// declaredAs is the severity of an incident when it was declared: its own where no update names one, or names that same one.
func declaredAs(raw, severity map[string]any) string {
	if severity == nil || text(severity, "id") != "" && text(severity, "id") == text(raw, "severity", "id") {
		return text(raw, "severity", "name")
	}
	return text(severity, "name")
}
