package web

import (
	"context"
	"html/template"
	"slices"
	"strconv"
	"time"

	"fourfold/dashboards"
)

// latestShown is the number of incidents in the list; the download has all.
const latestShown = 25

// fewBelow is the sample size from which a median or rate is shown as sure of itself.
const fewBelow = 5

// boardPage is what the template page is given: a dashboard of the catalogue.
type boardPage struct {
	narrowedPage
	Parts   []part
	Wall    *wallView // instead of the parts, on a screen on a wall
	refresh string    // when, and by what, a wall is refreshed
}

// builtPage is what each page says of the build.
type builtPage struct {
	shell
	AsOf                    moment
	ZoneText                string
	BuildID, ProgramVersion string
	Misread                 string   // what of the address was not understood; "" where all was
	Nowhere                 []string // what was chosen that the build does not have
}

// narrowedPage is a page with filters, and what it says of the data.
type narrowedPage struct {
	builtPage
	Question   string
	Form       filterForm
	NotApplied string
	Strip      trustStrip
}

func (s *server) built(m *maker, title string, asked filter) builtPage {
	return builtPage{
		shell: s.pages.shell(m.l, title, m.here, asked), AsOf: m.moment(m.b.AsOf),
		ZoneText: m.l.Zone(m.b.Calendar.zoneName, m.b.Calendar.zone, m.b.AsOf), BuildID: m.b.ID, ProgramVersion: m.b.ProgramVersion,
		Misread: m.misreadText(asked),
	}
}

// narrowed makes the frame of a page that has the filters of a dashboard; counted says whether it lists incidents.
func (s *server) narrowed(m *maker, title string, asked filter, d *dashboards.Dashboard, counted bool) narrowedPage {
	built := s.built(m, title, asked)
	built.Nowhere = m.nowhere(d.Filters, d.Key)
	return narrowedPage{
		builtPage: built, Form: m.form(d.Filters, counted), Strip: m.strip(),
		NotApplied: m.notApplied(d.Filters),
	}
}

// frameQueries are what narrowed reads.
var frameQueries = []string{"counted", "delivery_counted"}

// part is a stretch of a page: a section that has a view of its own, or panels beside each other.
type part struct {
	name    string // of the section's template
	Section template.HTML
	Panels  []panelView
}

// moment is an instant for people and for machines.
type moment struct{ Text, Machine string }

type downloads struct{ Label, CSV, JSON, SVG, SQL string }

// maker makes the parts of one page from the answers to its queries.
type maker struct {
	l      *language
	f      filter
	b      buildInfo
	span   span
	here   place
	tables map[string]*Table
	// catalogue is where drill-downs lead.
	catalogue *dashboards.Catalogue
	goals     map[string]*Goal // by metric
	// severities, most severe first, and the class of each: the order and colour are the same in every panel.
	severities []string
	classes    map[string]string
	buckets    []bucket
	bucketAt   map[string]int      // place of each by its start
	rowLimit   int                 // rows of an answer at most
	parameters map[string][]string // of each query
}

// makeBoard reads everything that a dashboard shows and puts it together.
func (s *server) makeBoard(ctx context.Context, id string, d *dashboards.Dashboard, f filter) (*boardPage, error) {
	here := at(boardPath(s.pages.catalogue, d))
	m, err := s.open(ctx, id, here, f)
	if err != nil {
		return nil, err
	}
	shown := stretched(s.shownPanels(d))
	if m.tables, err = s.store.tablesBy(ctx, id, s.pageParams(m, shown), s.boardQueries(d, shown)...); err != nil {
		return nil, err
	}
	p := &boardPage{narrowedPage: s.narrowed(m, d.Title.In(m.l.Code), f, d, d.Key == "incidents")}
	p.Question = d.Question.In(m.l.Code)
	if p.Parts, err = s.parts(m, d, shown); err == nil && f.Kiosk != "" {
		s.wall(p, m, f)
	}
	return p, err
}

// open reads the build and what was chosen of it; the maker has no answers yet.
func (s *server) open(ctx context.Context, id string, here place, f filter) (*maker, error) {
	b, err := s.build(ctx, id)
	if err != nil {
		return nil, err
	}
	chosen := f.chosen(b)
	chosen.Screen = 0 // which is about the page itself: nothing that it leads to has it
	m := newMaker(s.pages.language(f.Lang), chosen, b, chosen.span(b.Calendar, b.AsOfDate, b.FirstDate), nil)
	m.here, m.catalogue, m.rowLimit = here, s.pages.catalogue, s.RowLimit
	m.parameters = s.store.parameters
	m.goals = map[string]*Goal{}
	for _, g := range s.Goals {
		m.goals[g.Metric] = &g
	}
	return m, nil
}

// params are the parameters of the catalogue's queries for what was chosen.
func (m *maker) params(latest, rowLimit int) map[string]any {
	return m.f.params(m.b, m.span, latest, rowLimit)
}

// placedPanel is a panel where a dashboard has it.
type placedPanel struct {
	*dashboards.Panel
	width   int
	section *section // that shows it; nil where it is shown as any
}

// placed finds the section that shows a panel.
func placed(p *dashboards.Panel, width int) placedPanel {
	out := placedPanel{Panel: p, width: width}
	all := sections()
	if i := slices.IndexFunc(all, func(sec section) bool { return slices.Contains(sec.panels, p.Key) }); i >= 0 {
		out.section = &all[i]
	}
	return out
}

// shownPanels are the panels of a dashboard.
func (s *server) shownPanels(d *dashboards.Dashboard) []placedPanel {
	var out []placedPanel
	for _, place := range d.Panels {
		out = append(out, placed(s.pages.catalogue.Panel(place.Panel), place.Width))
	}
	return out
}

// stretched widens what would be alone in a row of the twelve columns, so that no half of a page is empty.
func stretched(shown []placedPanel) []placedPanel {
	out := slices.Clone(shown)
	var row []int // places of its panels
	filled := 0
	end := func() {
		if len(row) == 1 {
			out[row[0]].width = 12
		}
		row, filled = nil, 0
	}
	sections := map[string]bool{}
	for i, p := range shown {
		switch {
		case p.section != nil && sections[p.section.name]: // it stands where its first panel does
		case p.section != nil:
			sections[p.section.name] = true
			end()
		default:
			if filled+p.width > 12 {
				end()
			}
			row, filled = append(row, i), filled+p.width
		}
	}
	end()
	return out
}

// isFirst says whether a dashboard is the one at the root, which always says what is in the numbers and what is not.
func (s *server) isFirst(d *dashboards.Dashboard) bool {
	return d.Key == s.pages.catalogue.Dashboards[0].Key
}

// boardQueries are what a page of panels asks.
func (s *server) boardQueries(d *dashboards.Dashboard, shown []placedPanel) []string {
	queries := slices.Clone(frameQueries)
	if s.isFirst(d) {
		queries = append(queries, "quality", "restore_outcomes")
	}
	for _, p := range shown {
		queries = append(queries, p.Query)
		if p.section != nil {
			queries = append(queries, p.section.queries...)
		}
	}
	slices.Sort(queries)
	return slices.Compact(queries)
}

// parts makes what a page shows in the order of the catalogue. A section stands where the first of its panels does.
func (s *server) parts(m *maker, d *dashboards.Dashboard, shown []placedPanel) ([]part, error) {
	if card := m.withoutCode(d); card != nil {
		html, err := s.pages.html("missing", card)
		return []part{{name: "missing", Section: html}}, err
	}
	var out []part
	done := map[string]bool{}
	put := func(name string, data any) error {
		html, err := s.pages.html(name, data)
		out = append(out, part{name: name, Section: html})
		return err
	}
	for _, p := range shown {
		sec := p.section
		switch {
		case sec != nil && done[sec.name]:
		case sec != nil:
			done[sec.name] = true
			data := sec.fill(m, s)
			if data == nil {
				continue
			}
			for _, piece := range m.pieces(sec.name, data) {
				if err := put(piece.name, piece.data); err != nil {
					return nil, err
				}
			}
			if unread := m.notRead(queriesOf(sec, shown)...); unread != "" {
				if err := put("unread", unread); err != nil {
					return nil, err
				}
			}
		default:
			if len(out) == 0 || out[len(out)-1].Panels == nil {
				out = append(out, part{})
			}
			last := &out[len(out)-1]
			last.Panels = append(last.Panels, m.panel(p, m.shownRows(rowsShown, wallRowsAlone)))
		}
	}
	if s.isFirst(d) {
		return out, put("trust", trustData{m.section(), m.trust()})
	}
	return out, nil
}

func newMaker(l *language, f filter, b buildInfo, sp span, t map[string]*Table) *maker {
	m := &maker{l: l, f: f, b: b, span: sp, tables: t, classes: map[string]string{}}
	m.severities = slices.Clone(b.Choices["severity"])
	for i, s := range m.severities {
		m.classes[s] = "sev" + strconv.Itoa(min(i, 4)+1)
	}
	m.classes[""] = "sev0"
	over := sp.AsOf // the last day that is over
	if over == b.AsOfDate {
		over = over.addDays(-1)
	}
	for _, d := range b.Calendar.periods(f.Period, sp.From, sp.AsOf) {
		last := b.Calendar.next(f.Period, d).addDays(-1)
		m.buckets = append(m.buckets, bucket{Start: d, Open: last.after(over) || sp.From.after(d)})
	}
	return m
}

func (m *maker) moment(t time.Time) moment {
	if t.IsZero() {
		return moment{Text: "–"}
	}
	return moment{m.l.Instant(t, m.b.Calendar.zone), t.UTC().Format(time.RFC3339)}
}

func (m *maker) precise(t time.Time) moment {
	if t.IsZero() {
		return moment{Text: "–"}
	}
	return moment{m.l.Precise(t, m.b.Calendar.zone), t.UTC().Format(time.RFC3339Nano)}
}

// severityName is for people: an incident need not have one.
func (m *maker) severityName(s string) string {
	if s == "" {
		return m.l.t("no_severity")
	}
	return s
}
