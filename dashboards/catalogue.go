package dashboards

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Catalogue is what is shown, wherever it is shown: dashboards of panels, each of which answers a question by one query. The
// web page, Redash, Looker and the report are made of it.
type Catalogue struct {
	Dashboards []Dashboard `yaml:"dashboards"`
	Panels     []Panel     `yaml:"panels"`
}

// Text is a text in each language.
type Text struct {
	English  string `yaml:"en"`
	Japanese string `yaml:"ja"`
}

// In gives the text in a language, "en" or "ja".
func (t Text) In(language string) string {
	if language == "ja" {
		return t.Japanese
	}
	return t.English
}

// Dashboard is a page of panels.
type Dashboard struct {
	Key      string `yaml:"key"` // stable: what others know it by
	Title    Text   `yaml:"title"`
	Question Text   `yaml:"question"` // that its panels answer together
	// Filters are the parameters that people choose by, besides the time range that every dashboard has.
	Filters []string `yaml:"filters"`
	Panels  []Place  `yaml:"panels"`
}

// Place is where a panel is on a dashboard: a grid of twelve columns, filled row by row.
type Place struct {
	Panel  string `yaml:"panel"`
	Width  int    `yaml:"width"`  // in columns of the twelve
	Height int    `yaml:"height"` // in rows of about 50 pixels
	// Not are the surfaces that leave it out here.
	Not []Surface `yaml:"not"`
}

// Surface is where the catalogue is shown.
type Surface string

// The surfaces.
const (
	Web    Surface = "web"
	Redash Surface = "redash"
	Looker Surface = "looker"
)

var surfaces = []Surface{Web, Redash, Looker}

// Panel is a question, the query that answers it, and how the answer is drawn.
type Panel struct {
	Key      string `yaml:"key"`
	Title    Text   `yaml:"title"`
	Question Text   `yaml:"question"`
	Help     Text   `yaml:"help"` // how it is read, and what its words mean
	Caveats  []Text `yaml:"caveats"`
	Query    string `yaml:"query"` // a file of queries/
	Chart    Chart  `yaml:"chart"`
	// Metrics are those that the query shows; their definitions are told beside the panel.
	Metrics []string `yaml:"metrics"`
	Columns []Column `yaml:"columns"`
	Drill   *Drill   `yaml:"drill"`
	// People says that its rows are persons. It is shown only where people are to be seen.
	People bool `yaml:"people"`
}

// Chart is how a panel is drawn.
type Chart string

// The charts.
const (
	Numbers   Chart = "numbers"   // a card for each row
	Line      Chart = "line"      // y by x, a line for each series, a band where there are low and high
	Columns   Chart = "columns"   // y by x, stacked by series
	Bars      Chart = "bars"      // y by x, horizontal, stacked by series
	Waterfall Chart = "waterfall" // y by x, each bar beginning where the one before it ends
	Strip     Chart = "strip"     // a dot for each row, y by x, and the quartiles of each x
	Scatter   Chart = "scatter"   // y by x, a dot for each row
	Histogram Chart = "histogram" // y by the classes of x
	Heatmap   Chart = "heatmap"   // y as a colour by x and series
	Grid      Chart = "table"
)

var charts = []Chart{Numbers, Line, Columns, Bars, Waterfall, Strip, Scatter, Histogram, Heatmap, Grid}

// Role is what a column is to its chart.
type Role string

// The roles.
const (
	X      Role = "x"
	Y      Role = "y"
	Series Role = "series"
	Low    Role = "low"    // of an interval of y
	High   Role = "high"   // likewise
	Sample Role = "n"      // of how many objects y is made
	Level  Role = "level"  // elite, high, medium or low
	Open   Role = "open"   // whether the period has not ended
	Label  Role = "label"  // names the row
	Link   Role = "link"   // address of what the row is about
	Key    Role = "key"    // by which a drill-down goes
	Detail Role = "detail" // shown in tables and tips
	Hidden Role = "hidden"
)

var roles = []Role{X, Y, Series, Low, High, Sample, Level, Open, Label, Link, Key, Detail, Hidden}

// Unit is what a number counts.
type Unit string

// The units.
const (
	NoUnit   Unit = ""
	Seconds  Unit = "seconds"
	Share    Unit = "share"    // 0 to 1
	Count    Unit = "count"    // whole things
	PerDay   Unit = "per_day"  // things a day
	ByMetric Unit = "metric"   // that of the row's metric in dim_metrics
	Date     Unit = "date"     // of the configured time zone
	Instant  Unit = "instant"  // UTC
	Flag     Unit = "flag"     // true or false
	Name     Unit = "text"     // words
	Address  Unit = "url"      //
	Hour     Unit = "hour"     // of the day, 0 to 23, in the configured time zone
	Weekday  Unit = "weekday"  // 1 (Monday) to 7
	Document Unit = "document" // long text
)

var units = []Unit{NoUnit, Seconds, Share, Count, PerDay, ByMetric, Date, Instant, Flag, Name, Address, Hour, Weekday, Document}

// Column is a column of a panel's query.
type Column struct {
	Name   string `yaml:"name"`
	Title  Text   `yaml:"title"`
	Role   Role   `yaml:"role"`
	Unit   Unit   `yaml:"unit"`
	Better string `yaml:"better"` // lower, higher, metric (as dim_metrics says), or "" where neither is
	// Values are the words for the codes that it may have; any other value is a name and shown as it is.
	Values map[string]Text `yaml:"values"`
}

// Drill is where a row of a panel leads: to another dashboard, with filters from the row's columns.
type Drill struct {
	Dashboard string            `yaml:"dashboard"`
	Filters   map[string]string `yaml:"filters"` // name of a column by filter
}

//go:embed catalogue.yaml
var catalogueText []byte

// Filters are the parameters of queries that people choose by.
var Filters = []string{"service", "team", "repository", "severity", "incident_type", "field", "counted", "metric", "period"}

// LoadCatalogue reads the catalogue of the program.
func LoadCatalogue() (*Catalogue, error) { return parseCatalogue(catalogueText) }

func parseCatalogue(text []byte) (*Catalogue, error) {
	c := &Catalogue{}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(c); err != nil {
		return nil, fmt.Errorf("dashboards: catalogue.yaml: %w", err)
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("dashboards: catalogue.yaml: %w", err)
	}
	return c, nil
}

// Panel finds a panel by its key; nil if there is none.
func (c *Catalogue) Panel(key string) *Panel {
	for i := range c.Panels {
		if c.Panels[i].Key == key {
			return &c.Panels[i]
		}
	}
	return nil
}

// Dashboard finds a dashboard by its key; nil if there is none.
func (c *Catalogue) Dashboard(key string) *Dashboard {
	for i := range c.Dashboards {
		if c.Dashboards[i].Key == key {
			return &c.Dashboards[i]
		}
	}
	return nil
}

// On gives the catalogue as a surface shows it: the places and panels that it does not leave out, and of those of persons only
// where people are to be seen.
func (c *Catalogue) On(s Surface, people bool) *Catalogue {
	out := &Catalogue{}
	shown := map[string]bool{}
	for _, d := range c.Dashboards {
		var places []Place
		for _, p := range d.Panels {
			if slices.Contains(p.Not, s) || c.Panel(p.Panel).People && !people {
				continue
			}
			shown[p.Panel] = true
			places = append(places, p)
		}
		d.Panels = places
		out.Dashboards = append(out.Dashboards, d)
	}
	for _, p := range c.Panels {
		if shown[p.Key] {
			out.Panels = append(out.Panels, p)
		}
	}
	return out
}

// Of gives the columns of a panel that have a role, in their order.
func (p *Panel) Of(role Role) []Column {
	var out []Column
	for _, c := range p.Columns {
		if c.Role == role {
			out = append(out, c)
		}
	}
	return out
}

// Foreign says whether a column says in another language what a column beside it says in this one: detail in Japanese where there
// is detail_ja, and detail_ja in English.
func (p *Panel) Foreign(c Column, language string) bool {
	base, of := c.Name, "en"
	for _, l := range []string{"en", "ja"} {
		if name, ok := strings.CutSuffix(c.Name, "_"+l); ok {
			base, of = name, l
		}
	}
	return of != language && slices.ContainsFunc(p.Columns, func(x Column) bool {
		return x.Name == base+"_"+language || language == "en" && x.Name == base
	})
}

var keyForm = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// check finds what is wrong with a catalogue in itself.
func (c *Catalogue) check() error {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	whole := func(where string, all map[string]Text) {
		for name, t := range all {
			if t.English == "" || t.Japanese == "" {
				fail("%s: %s is not in both languages", where, name)
			}
		}
	}
	seen, shown, places := map[string]bool{}, map[string]bool{}, map[[2]string]bool{}
	for _, p := range c.Panels {
		where := "panel " + p.Key
		if !keyForm.MatchString(p.Key) || seen[p.Key] {
			fail("%s: its key is no name, or that of another", where)
		}
		seen[p.Key] = true
		whole(where, map[string]Text{"title": p.Title, "question": p.Question, "help": p.Help})
		if !slices.Contains(charts, p.Chart) {
			fail("%s: chart %q is not known", where, p.Chart)
		}
		if !slices.Contains(Names(), p.Query) {
			fail("%s: there is no query %q", where, p.Query)
		}
		for _, x := range p.Columns {
			whole(where+", column "+x.Name, map[string]Text{"title": x.Title})
			if !slices.Contains(roles, x.Role) || !slices.Contains(units, x.Unit) {
				fail("%s, column %s: role %q or unit %q is not known", where, x.Name, x.Role, x.Unit)
			}
			whole(where+", column "+x.Name, x.Values)
		}
		if p.Drill != nil {
			if c.Dashboard(p.Drill.Dashboard) == nil {
				fail("%s leads to dashboard %q, which is not there", where, p.Drill.Dashboard)
			}
			for filter, column := range p.Drill.Filters {
				if !slices.ContainsFunc(p.Columns, func(x Column) bool { return x.Name == column }) {
					fail("%s leads by column %s, which it has not", where, column)
				}
				if !slices.Contains(Filters, filter) && filter != "incident" && filter != "deployment" {
					fail("%s leads by filter %s, which there is not", where, filter)
				}
			}
		}
	}
	for _, d := range c.Dashboards {
		where := "dashboard " + d.Key
		if !keyForm.MatchString(d.Key) {
			fail("%s: its key is no name", where)
		}
		whole(where, map[string]Text{"title": d.Title, "question": d.Question})
		for _, f := range d.Filters {
			if !slices.Contains(Filters, f) {
				fail("%s: filter %q is not known: there are %s", where, f, strings.Join(Filters, ", "))
			}
		}
		for _, p := range d.Panels {
			if c.Panel(p.Panel) == nil || p.Width < 1 || p.Width > 12 || p.Height < 1 {
				fail("%s: panel %q is not there, or has no place", where, p.Panel)
			}
			for _, x := range p.Not {
				if !slices.Contains(surfaces, x) {
					fail("%s: panel %s is not on %q, which is no surface: there are %v", where, p.Panel, x, surfaces)
				}
			}
			if len(p.Not) == len(surfaces) {
				fail("%s: panel %s is on no surface", where, p.Panel)
			}
			if places[[2]string{d.Key, p.Panel}] {
				fail("%s: panel %s is there twice", where, p.Panel)
			}
			places[[2]string{d.Key, p.Panel}] = true
			shown[p.Panel] = true
		}
	}
	for _, p := range c.Panels {
		if !shown[p.Key] {
			fail("panel %s is on no dashboard", p.Key)
		}
	}
	return errors.Join(errs...)
}
