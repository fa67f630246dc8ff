package web

// trustStrip is what every page says of the data on one line: how much counts, what was left out, and whether all of it is fresh.
type trustStrip struct {
	Counted, Excluded, Fresh string
	Stale                    bool
	Href                     string // of the page that says more
}

func (m *maker) strip() trustStrip {
	counted, excluded := 0, 0
	for _, r := range m.tables["counted"].rows() {
		if r.text("exclusion_reason") == "" {
			counted += r.count("incidents")
		} else {
			excluded += r.count("incidents")
		}
	}
	deployments, left := 0, 0
	for _, r := range m.tables["delivery_counted"].rows() {
		if r.text("object_type") != "deployment" {
			continue
		}
		if r.text("exclusion_reason") == "" {
			deployments += r.count("objects")
		} else {
			left += r.count("objects")
		}
	}
	f := m.f
	f.Incident, f.Key, f.Counted = "", "", ""
	out := trustStrip{Href: m.here.of("data-quality", f)}
	if m.b.readsCode() {
		out.Counted = m.l.t("strip_counted_both", "incidents", m.l.Count(counted), "deployments", m.l.Count(deployments))
		out.Excluded = m.l.t("strip_excluded_both", "incidents", m.l.Count(excluded), "deployments", m.l.Count(left))
	} else {
		out.Counted = m.l.t("strip_counted", "incidents", m.l.Count(counted))
		out.Excluded = m.l.t("strip_excluded", "incidents", m.l.Count(excluded))
	}
	failed := 0
	for _, s := range m.b.Streams {
		if s.Status != "" && s.Status != "ok" {
			failed++
		}
	}
	if out.Stale = failed > 0; out.Stale {
		out.Fresh = m.l.n("strip_stale", failed)
	} else {
		out.Fresh = m.l.t("strip_fresh")
	}
	return out
}
