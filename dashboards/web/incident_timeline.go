package web

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"fourfold/dashboards/chart"
)

// timeRow is one thing that happened in an incident, as the table below the timeline lists it.
type timeRow struct {
	N      int
	At     moment
	What   string
	Kind   string // timestamp, status, deployment or incident, for people
	Length string // of a stay in a status
	Since  string // from the start; "" where there is no start
	Uses   []string
	Href   string

	at    time.Time
	kind  rowKind
	role  string // of a deployment: cause or fix
	basis string // by which fct_incidents names it
	short string // what is written in the drawing, if not What
}

type rowKind int

const (
	rowCreated rowKind = iota
	rowStamp
	rowStay
	rowDeployment
	rowOther
)

// timeRows gives everything that has a time in order, with what numbers rest on it.
func (m *maker) timeRows(r row, links []linkView) []timeRow {
	var rows []timeRow
	add := func(kind rowKind, at time.Time, what, basis string) *timeRow {
		rows = append(rows, timeRow{kind: kind, at: at, What: what, basis: basis, Kind: m.rowKindName(kind)})
		return &rows[len(rows)-1]
	}
	if at := r.at("created_at"); !at.IsZero() {
		add(rowCreated, at, m.l.t("row_declared"), "created_at")
	}
	for _, t := range m.tables["incident_timestamps"].rows() {
		add(rowStamp, t.at("at"), t.text("name"), t.text("name"))
	}
	for _, t := range m.tables["incident_statuses"].rows() {
		v := add(rowStay, t.at("started_at"), m.l.t("row_status", "status", t.text("status")), "")
		v.Length = m.l.t("stay_until_now")
		if !t.at("ended_at").IsZero() {
			v.Length = m.l.Duration(t.number("seconds"))
		}
	}
	for _, l := range links {
		if l.finished.IsZero() {
			continue
		}
		v := add(rowDeployment, l.finished, m.l.t("row_deployment", "role", l.Role, "what", l.What+" "+l.SHA), "")
		v.Href, v.role, v.short = l.Page, "fix", l.Role+" "+l.What+" "+l.SHA
		if l.Role == m.role("cause") {
			v.role = "cause"
		}
	}
	m.use(&rows, r, "started_at", "restore_start_basis", m.l.t("use_start"))
	m.use(&rows, r, "acknowledged_at", "acknowledge_basis", m.l.t("use_acknowledge"))
	m.use(&rows, r, "restored_at", "restore_end_basis", m.l.t("use_end"))
	for _, d := range m.tables["one_incident_durations"].rows() {
		m.use(&rows, d, "from_at", "from_basis", m.l.t("use_from", "name", d.text("duration")))
		m.use(&rows, d, "to_at", "to_basis", m.l.t("use_to", "name", d.text("duration")))
	}
	slices.SortStableFunc(rows, func(a, b timeRow) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.kind, b.kind), strings.Compare(a.What, b.What))
	})
	start := r.at("started_at")
	for i := range rows {
		rows[i].N, rows[i].At = i+1, m.precise(rows[i].at)
		if !start.IsZero() {
			rows[i].Since = m.signed(rows[i].at.Sub(start))
		}
	}
	return rows
}

func (m *maker) rowKindName(kind rowKind) string {
	switch kind {
	case rowStamp:
		return m.l.t("row_is_timestamp")
	case rowStay:
		return m.l.t("row_is_status")
	case rowDeployment:
		return m.l.t("row_is_deployment")
	case rowCreated:
		return m.l.t("row_is_incident")
	}
	return ""
}

// use marks the row that a number of the incident rests on: of several at one instant, the one that it was taken from. Where none of the rows is it, it gets one of its own.
func (m *maker) use(rows *[]timeRow, r row, column, basis, use string) {
	at, by := r.at(column), r.text(basis)
	if at.IsZero() {
		return
	}
	for i := range *rows {
		v := &(*rows)[i]
		byStatus := v.kind == rowStay && (by == "entered_live" || strings.HasPrefix(by, "left_live"))
		if v.at.Equal(at) && (byStatus || v.basis != "" && v.basis == by) {
			v.Uses = append(v.Uses, use)
			return
		}
	}
	*rows = append(*rows, timeRow{kind: rowOther, at: at, What: capital(m.basis(by)), Uses: []string{use}})
}

// timeline is what the drawing shows: the stays in statuses as a band, everything else as marks on it.
type timeline struct {
	Title, Desc string
	Start, End  time.Time // of what the time to restore measures; the end is now while the incident is open
	Open        bool
	Restore     string // written above the band from start to end
	Stays       []timeStay
	Marks       []timeMark
}

type timeStay struct {
	From, To     time.Time
	Name, Length string
	Category     string
	Open         bool
}

// timeMark is what happened at an instant.
type timeMark struct {
	At      time.Time
	Numbers string // of its rows in the table
	What    string
	Clock   string
	Class   string // cause, fix or ""
	Href    string
}

// timeline gives what is drawn. Rows of one instant are one mark.
func (m *maker) timeline(r row, rows []timeRow) timeline {
	t := timeline{Title: m.l.t("timeline_title"), Desc: m.l.t("timeline_desc"), Start: r.at("started_at"), End: r.at("restored_at")}
	category := r.text("status_category")
	if !t.Start.IsZero() && t.End.IsZero() && (category == "live" || category == "paused") {
		t.End, t.Open = m.b.AsOf, true
		t.Restore = m.l.t("open_for", "duration", m.l.Duration(seconds(m.b.AsOf.Sub(t.Start))))
	} else if s := r.number("time_to_restore_seconds"); s != nil {
		t.Restore = m.l.t("timeline_restore", "duration", m.l.Duration(s))
	}
	stays := m.tables["incident_statuses"].rows()
	last := t.End
	for _, v := range rows {
		if v.at.After(last) {
			last = v.at
		}
	}
	for _, s := range stays {
		v := timeStay{From: s.at("started_at"), To: s.at("ended_at"), Name: s.text("status"), Category: s.text("status_category")}
		v.Length = m.l.Duration(s.number("seconds"))
		if v.To.IsZero() {
			v.Open, v.Length = true, m.l.t("stay_until_now")
			v.To = last
		}
		t.Stays = append(t.Stays, v)
	}
	for _, v := range rows {
		if v.kind == rowStay {
			continue
		}
		what := cmp.Or(v.short, v.What)
		if n := len(t.Marks); n > 0 && t.Marks[n-1].At.Equal(v.at) && t.Marks[n-1].Class == v.role {
			p := &t.Marks[n-1]
			p.Numbers += "," + m.l.Count(v.N)
			p.What += m.l.t("list_joint") + what
			continue
		}
		t.Marks = append(t.Marks, timeMark{At: v.at, Numbers: m.l.Count(v.N), What: what, Clock: m.clockOf(v.at, t.Start), Class: v.role, Href: v.Href})
	}
	return t
}

// clockOf writes when something happened: with its date where that is not the one of the start.
func (m *maker) clockOf(at, start time.Time) string {
	local := at.In(m.b.Calendar.zone)
	clock := local.Format("15:04")
	if from := start.In(m.b.Calendar.zone); start.IsZero() || from.YearDay() != local.YearDay() || from.Year() != local.Year() {
		return m.l.Tick("week", dayOf(local.Year(), local.Month(), local.Day())) + " " + clock
	}
	return clock
}

// phaseClass is the class of a category of status.
func phaseClass(category string) string {
	switch category {
	case "triage", "live", "paused", "learning", "closed":
		return "st-" + category
	}
	return "st-other"
}

// phaseKeys explain the colours of the band.
func (m *maker) phaseKeys(t timeline) []chart.LegendKey {
	var out []chart.LegendKey
	for _, s := range t.Stays {
		key := chart.LegendKey{Class: phaseClass(s.Category), Text: m.known("category_", s.Category)}
		if s.Category != "" && !slices.Contains(out, key) {
			out = append(out, key)
		}
	}
	return out
}
