package lookml

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"fourfold/dashboards"
)

// filterNames are the filters of dashboards: what the catalogue calls them, the name by which links set them, and how they are
// shown.
var filterNames = []struct {
	key, name string
	title     dashboards.Text
}{
	{"date_range", "Date", dashboards.Text{English: "Date", Japanese: "期間"}},
	{"period", "Period", dashboards.Text{English: "By", Japanese: "集計単位"}},
	{"service", "Service", dashboards.Text{English: "Service", Japanese: "サービス"}},
	{"team", "Team", dashboards.Text{English: "Team", Japanese: "チーム"}},
	{"repository", "Repository", dashboards.Text{English: "Repository", Japanese: "リポジトリ"}},
	{"severity", "Severity", dashboards.Text{English: "Severity", Japanese: "重大度"}},
	{"incident_type", "Incident Type", dashboards.Text{English: "Incident type", Japanese: "種類"}},
	{"field", "Custom Field", dashboards.Text{English: "Custom field", Japanese: "カスタムフィールド"}},
	{"field_value", "Field Value", dashboards.Text{English: "Value of the field", Japanese: "フィールドの値"}},
}

// dashboard is a LookML dashboard, its keys in the order in which they are written.
type dashboard struct {
	Dashboard   string      `yaml:"dashboard"`
	Title       string      `yaml:"title"`
	Description string      `yaml:"description"`
	Layout      string      `yaml:"layout"`
	Viewer      string      `yaml:"preferred_viewer"`
	Filters     []dbFilter  `yaml:"filters,omitempty"`
	Elements    []dbElement `yaml:"elements"`
}

type dbFilter struct {
	Name     string         `yaml:"name"`
	Title    string         `yaml:"title"`
	Type     string         `yaml:"type"`
	Default  string         `yaml:"default_value"`
	Multiple bool           `yaml:"allow_multiple_values"`
	Required bool           `yaml:"required"`
	UI       map[string]any `yaml:"ui_config,omitempty"`
	Model    string         `yaml:"model,omitempty"`
	Explore  string         `yaml:"explore,omitempty"`
	Field    string         `yaml:"field,omitempty"`
}

type dbElement struct {
	Name        string            `yaml:"name"`
	Title       string            `yaml:"title"`
	Model       string            `yaml:"model"`
	Explore     string            `yaml:"explore"`
	Type        string            `yaml:"type"`
	Fields      []string          `yaml:"fields"`
	Pivots      []string          `yaml:"pivots,omitempty"`
	Hidden      []string          `yaml:"hidden_fields,omitempty"`
	Filters     map[string]string `yaml:"filters,omitempty"`
	Sorts       []string          `yaml:"sorts,omitempty"`
	Limit       int               `yaml:"limit"`
	Labels      map[string]string `yaml:"series_labels,omitempty"`
	Options     map[string]any    `yaml:",inline"`
	Listen      map[string]string `yaml:"listen,omitempty"`
	NoteState   string            `yaml:"note_state"`
	NoteDisplay string            `yaml:"note_display"`
	NoteText    string            `yaml:"note_text"`
	Row         int               `yaml:"row"`
	Col         int               `yaml:"col"`
	Width       int               `yaml:"width"`
	Height      int               `yaml:"height"`
}

const (
	newspaperColumns = 24
	catalogueColumns = 12
	elementLimit     = 500
	pivotLimit       = 5000
)

// maker makes dashboards of the catalogue.
type maker struct {
	catalogue *dashboards.Catalogue
	tables    map[string]*table
	panels    map[string]*panelView
	language  string
}

func (m *maker) dashboard(d dashboards.Dashboard) (dashboard, error) {
	out := dashboard{
		Dashboard: d.Key, Title: d.Title.In(m.language), Description: d.Question.In(m.language), Layout: "newspaper", Viewer: "dashboards-next",
	}
	listened := map[string]bool{}
	var offered []string
	for _, f := range filterNames {
		if f.key == "date_range" || slices.Contains(d.Filters, f.key) || f.key == "field_value" && slices.Contains(d.Filters, "field") {
			offered = append(offered, f.name)
		}
	}
	row, col, height := 0, 0, 0
	for _, place := range d.Panels {
		width := place.Width * newspaperColumns / catalogueColumns
		if col+width > newspaperColumns {
			row, col, height = row+height, 0, 0
		}
		elements, err := m.elements(m.catalogue.Panel(place.Panel), width)
		if err != nil {
			return out, err
		}
		at := col
		for _, e := range elements {
			e.Row, e.Col, e.Height = row, at, place.Height
			at += e.Width
			for name, field := range e.Listen {
				if field == "" || !slices.Contains(offered, name) {
					delete(e.Listen, name)
					continue
				}
				listened[name] = true
			}
			out.Elements = append(out.Elements, e)
		}
		col, height = col+width, max(height, place.Height)
	}
	for _, f := range filterNames {
		if listened[f.name] {
			out.Filters = append(out.Filters, m.filter(f.key, f.name, f.title.In(m.language), out.Elements))
		}
	}
	return out, nil
}

// filter gives a filter of a dashboard, whose choices are those of the first field that listens to it.
func (m *maker) filter(key, name, title string, elements []dbElement) dbFilter {
	f := dbFilter{Name: name, Title: title, Type: "field_filter", Multiple: true, Model: modelName}
	switch key {
	case "date_range":
		return dbFilter{Name: name, Title: title, Type: "date_filter", Default: "12 months", Multiple: true, UI: options(`{type: relative_timeframes, display: inline}`)}
	case "period":
		f.Default, f.Multiple, f.Required, f.UI = "month", false, true, options(`{type: dropdown_menu, display: inline}`)
		for _, e := range elements {
			if field := e.Listen[name]; field != "" {
				f.Explore, f.Field = e.Explore, field
				return f
			}
		}
	}
	f.Explore, f.Field = suggestions[key].key, suggestions[key].value
	f.UI = options(`{type: tag_list, display: popover}`)
	return f
}

// options are written as they stand.
func options(text string) map[string]any {
	var m map[string]any
	if err := yaml.Unmarshal([]byte(text), &m); err != nil {
		panic("lookml: " + err.Error()) // they are ours
	}
	return m
}

// listens gives the fields that a panel's filters set, by the filters' names.
func listens(fieldOf func(key string) string) map[string]string {
	out := map[string]string{}
	for _, f := range filterNames {
		if field := fieldOf(f.key); field != "" {
			out[f.name] = field
		}
	}
	return out
}

// note is what is told beside a panel: its question, how it is read, and what to mind.
func (m *maker) note(p *dashboards.Panel) string {
	parts := []string{p.Question.In(m.language)}
	for _, t := range append([]dashboards.Text{p.Help}, p.Caveats...) {
		parts = append(parts, t.In(m.language))
	}
	for _, c := range p.Columns {
		if c.Role == dashboards.Open {
			parts = append(parts, dashboards.Text{English: "The last period may not have ended.", Japanese: "最後の期間は途中のことがある。"}.In(m.language))
		}
	}
	if m.language == "ja" {
		return strings.Join(parts, "")
	}
	return strings.Join(parts, " ")
}

// elements gives the element of a panel, or one for each metric where it is a row of numbers.
func (m *maker) elements(p *dashboards.Panel, width int) ([]dbElement, error) {
	e := dbElement{
		Name: p.Key, Title: p.Title.In(m.language), Model: modelName, Limit: elementLimit, NoteState: "collapsed", NoteDisplay: "hover", NoteText: m.note(p), Width: width,
		Filters: map[string]string{}, Labels: map[string]string{},
	}
	if n, ok := natives[p.Key]; ok {
		return m.native(e, p, n)
	}
	v := m.panels[p.Key]
	if v == nil {
		return nil, fmt.Errorf("lookml: panel %s has no view", p.Key)
	}
	e.Explore = v.name
	e.Listen = listens(func(key string) string {
		if slices.Contains(v.uses, key) {
			return v.name + "." + key
		}
		return ""
	})
	if p.Chart == dashboards.Numbers {
		return m.cards(e, p, v), nil
	}
	return []dbElement{m.chart(e, p, v)}, nil
}

func (m *maker) native(e dbElement, p *dashboards.Panel, n native) ([]dbElement, error) {
	e.Explore, e.Type, e.Sorts = n.explore, "looker_grid", n.sorts
	e.Listen = listens(func(key string) string { return n.listen[key] })
	for _, f := range n.filters {
		e.Filters[f.key] = f.value
	}
	for _, c := range p.Columns {
		if c.Role == dashboards.Hidden || c.Role == dashboards.Key || p.Foreign(c, m.language) {
			continue
		}
		field, err := n.field(m.tables, c)
		if err != nil {
			return nil, fmt.Errorf("panel %s: %w", p.Key, err)
		}
		e.Fields = append(e.Fields, field)
		e.Labels[field] = c.Title.In(m.language)
	}
	e.Options = options(`{show_row_numbers: false, truncate_text: true, size_to_fit: true}`)
	return []dbElement{e}, nil
}
