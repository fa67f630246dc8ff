// Package lookml writes a Looker project over the marts: a view for each, with labels, descriptions, time groups and the measures
// that may be aggregated; a view of the metric template under any filter; explores; and the dashboards of the catalogue. The marts
// are read from the dbt project and the panels from the catalogue, so neither configuration nor a warehouse is needed. The same
// program and options give the same bytes.
//
// A project whose references do not all resolve is not written: nothing but Looker itself finds those of a dashboard. What is
// not ours in the folder is left alone.
package lookml

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"fourfold/dashboards"
	"fourfold/dbt"
)

// Options are what a project is made with.
type Options struct {
	Language   string // of dashboards and their panels: en or ja
	Connection string // name of Looker's connection
	Schema     string // where the marts are: dataset, or project.dataset
	TimeZone   string // the name of the configured zone, in descriptions only
	WeekStart  string // monday or sunday
	People     bool   // whether panels of persons are made
}

// Defaults are the options of who says nothing.
var Defaults = Options{Language: "en", Connection: "fourfold", Schema: "fourfold_marts", TimeZone: "the configured time zone", WeekStart: "monday"}

// File is a file of the project, its path with slashes.
type File struct {
	Path string
	Text []byte
}

// project is a LookML project as it is checked before it is written.
type project struct {
	manifest, model []*node
	views           []placed // a file each
	explores        []placed
	tests           []*node
	dashboards      []dashboard
}

// placed is what stands in a file.
type placed struct {
	path  string
	nodes []*node
}

// Generate gives the files of a project in the order of their paths.
func Generate(o Options) ([]File, error) {
	p, err := makeProject(o)
	if err != nil {
		return nil, err
	}
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("lookml: the project would not be whole:\n%w", err)
	}
	return p.files(o)
}

func makeProject(o Options) (*project, error) {
	catalogue, err := dashboards.LoadCatalogue()
	if err != nil {
		return nil, err
	}
	return makeProjectOf(o, catalogue)
}

func makeProjectOf(o Options, whole *dashboards.Catalogue) (*project, error) {
	catalogue := whole.On(dashboards.Looker, o.People)
	if o.Language != "en" && o.Language != "ja" {
		return nil, fmt.Errorf("lookml: language %q is not known: use en or ja", o.Language)
	}
	if o.WeekStart != "monday" && o.WeekStart != "sunday" {
		return nil, fmt.Errorf("lookml: weeks that start on %q are not known: use monday or sunday", o.WeekStart)
	}
	schemas, err := readSchemas()
	if err != nil {
		return nil, err
	}
	titles, err := metricTitles()
	if err != nil {
		return nil, err
	}
	p := &project{manifest: manifest(o), model: model(o)}
	m := &maker{catalogue: catalogue, tables: map[string]*table{}, panels: map[string]*panelView{}, language: o.Language}
	known := marts()
	for _, s := range schemas {
		t, err := makeTable(s, known[s.name])
		if err != nil {
			return nil, err
		}
		m.tables[s.name] = t
		delete(known, s.name)
		p.views = append(p.views, placed{"views/" + s.name + ".view.lkml", []*node{t.view}})
	}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		return nil, fmt.Errorf("lookml: there is no mart %s any more", name)
	}
	metric, err := makeMetric()
	if err != nil {
		return nil, err
	}
	p.views = append(p.views, placed{"views/metric.view.lkml", []*node{metric}})
	for _, e := range explores() {
		p.explores = append(p.explores, placed{"explores/" + e.view + ".explore.lkml", []*node{e.node()}})
	}
	var hidden []*node
	for i := range catalogue.Panels {
		panel := &catalogue.Panels[i]
		if _, ok := natives[panel.Key]; ok {
			continue
		}
		v, err := makePanel(panel, titles, o.Language)
		if err != nil {
			return nil, err
		}
		m.panels[panel.Key] = v
		p.views = append(p.views, placed{"views/panels/" + v.name + ".view.lkml", []*node{v.view}})
		hidden = append(hidden, hiddenExplore(v))
	}
	p.explores = append(p.explores, placed{"explores/panels.explore.lkml", hidden})
	for _, d := range catalogue.Dashboards {
		made, err := m.dashboard(d)
		if err != nil {
			return nil, err
		}
		p.dashboards = append(p.dashboards, made)
	}
	p.tests = dataTests()
	return p, nil
}

func manifest(o Options) []*node {
	constant := func(name, value string) *node {
		return block("constant", name, str("value", value), word("export", "override_optional"))
	}
	return []*node{
		str("project_name", modelName), constant("CONNECTION", o.Connection), constant("SCHEMA", o.Schema), constant("TIME_ZONE", o.TimeZone),
	}
}

func model(o Options) []*node {
	return []*node{
		str("connection", "@{CONNECTION}"),
		str("label", "Fourfold"),
		str("include", "/views/**/*.view.lkml"),
		str("include", "/explores/*.explore.lkml"),
		str("include", "/tests/*.test.lkml"),
		str("include", "/dashboards/*.dashboard.lookml"),
		word("week_start_day", o.WeekStart),
		block("datagroup", "build", str("label", "Build"), str("description", "A build has been published."),
			sql("sql_trigger", "select max(concat(cast(built_at as string), ' ', build_id)) from @{SCHEMA}.publication"), str("max_cache_age", "24 hours")),
		word("persist_with", "build"),
	}
}

// dataTests are for Looker's own validation, over the real marts.
func dataTests() []*node {
	one := func(name, explore, field, expression string) *node {
		return block("test", name, block("explore_source", explore, block("column", "found", word("field", field))),
			block("assert", name+"_holds", sql("expression", expression)))
	}
	return []*node{
		one("one_build_is_published", "publication", "publication.builds", "${publication.builds} = 1"),
		one("metrics_are_defined", "dim_metrics", "dim_metrics.metrics", "${dim_metrics.metrics} > 0"),
	}
}

// metricTitles are those of dim_metrics, from the seed that it is made of.
func metricTitles() (map[string]dashboards.Text, error) {
	const file = "seeds/static/metrics.csv"
	text, err := fs.ReadFile(dbt.Project, file)
	if err != nil {
		return nil, fmt.Errorf("lookml: titles of metrics: %w", err)
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || len(rows) == 0 {
		return nil, fmt.Errorf("lookml: titles of metrics: %s: %w", file, err)
	}
	at := func(name string) int { return slices.Index(rows[0], name) }
	metric, en, ja := at("metric"), at("title_en"), at("title_ja")
	if metric < 0 || en < 0 || ja < 0 {
		return nil, fmt.Errorf("lookml: titles of metrics: %s lacks metric, title_en or title_ja", file)
	}
	out := map[string]dashboards.Text{}
	for _, r := range rows[1:] {
		out[r[metric]] = dashboards.Text{English: r[en], Japanese: r[ja]}
	}
	return out, nil
}

// Mark begins the first line of every file that is ours.
const Mark = "Generated by fourfold dashboards lookml"

const header = "# " + Mark + ": do not edit, it is written anew. Refine it in files of your own.\n"

//go:embed README.md.txt
var readme string

func (p *project) files(o Options) ([]File, error) {
	var out []File
	add := func(path string, nodes []*node) error {
		text, err := write(nodes)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		out = append(out, File{path, []byte(header + "\n" + text)})
		return nil
	}
	all := append([]placed{{"manifest.lkml", p.manifest}, {"models/" + modelName + ".model.lkml", p.model}, {"tests/marts.test.lkml", p.tests}}, p.views...)
	for _, f := range append(all, p.explores...) {
		if err := add(f.path, f.nodes); err != nil {
			return nil, err
		}
	}
	for _, d := range p.dashboards {
		var text bytes.Buffer
		text.WriteString(header + "---\n")
		enc := yaml.NewEncoder(&text)
		enc.SetIndent(2)
		if err := enc.Encode([]dashboard{d}); err != nil {
			return nil, fmt.Errorf("lookml: dashboard %s: %w", d.Dashboard, err)
		}
		out = append(out, File{"dashboards/" + d.Dashboard + ".dashboard.lookml", text.Bytes()})
	}
	text := strings.NewReplacer("{connection}", o.Connection, "{schema}", o.Schema).Replace(readme)
	out = append(out, File{"README.md", []byte("<!-- " + Mark + ". -->\n" + text)})
	slices.SortFunc(out, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}
