// Package dashboards holds what every dashboard shows: the queries of its panels. They read marts and nothing else, and
// define no metric: a number comes from four_keys, or from the metric template that four_keys is made by.
//
// A query is a file in queries/, written once for both engines. It may contain
//
//	{marts}            what stands before the name of a mart
//	{parts/NAME}       the text of queries/parts/NAME.sql
//	{metric ... }      the metric template with its slots filled, a line each: dbt/analyses/metric.sql names them
//	{WORD EXPRESSION}  what the engines say differently: words.go names them
//	@name              a parameter; it becomes a positional one
//
// The package runs nothing; the surfaces (web and those to come) bind a query and run it.
package dashboards

import (
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
)

//go:embed queries
var files embed.FS

// Query is the SQL of one panel.
type Query struct {
	Name string
	text string
}

var (
	parameter = regexp.MustCompile(`@[a-z_]+`)
	part      = regexp.MustCompile(`\{parts/([a-z_]+)\}`)
)

// Names gives the names of all queries, sorted.
func Names() []string {
	found, err := fs.Glob(files, "queries/*.sql")
	if err != nil {
		panic("dashboards: " + err.Error()) // the pattern is constant
	}
	var names []string
	for _, f := range found {
		names = append(names, strings.TrimSuffix(strings.TrimPrefix(f, "queries/"), ".sql"))
	}
	slices.Sort(names)
	return names
}

// Load gives a query by the name of its file, with its parts put in.
func Load(name string) (Query, error) {
	text, err := files.ReadFile("queries/" + name + ".sql")
	if err != nil {
		return Query{}, fmt.Errorf("dashboards: no query %q; there are %s", name, strings.Join(Names(), ", "))
	}
	q := Query{Name: name, text: string(text)}
	for depth := 0; part.MatchString(q.text); depth++ {
		if depth > 5 {
			return Query{}, fmt.Errorf("dashboards: query %s: parts that contain each other", name)
		}
		if q.text, err = putParts(q.text); err != nil {
			return Query{}, fmt.Errorf("dashboards: query %s: %w", name, err)
		}
	}
	return q, nil
}

// putParts replaces each {parts/NAME} by its text.
func putParts(text string) (string, error) {
	var missing error
	out := part.ReplaceAllStringFunc(text, func(m string) string {
		p, err := files.ReadFile("queries/" + strings.Trim(m, "{}") + ".sql")
		if err != nil {
			missing = fmt.Errorf("no part %s", m)
		}
		return strings.TrimSpace(string(p))
	})
	return out, missing
}

// Parameters gives the names of the parameters that a query depends on, sorted, each once.
func (q Query) Parameters() []string {
	var names []string
	_, err := q.put(DuckDB, func(name string) (string, bool) {
		names = append(names, name)
		return "?", true
	})
	if err != nil {
		panic(err.Error()) // a query of ours, which the tests bind
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// In gives the query with everything put in that an engine needs, for who binds it often: binding replaces parameters then.
func (q Query) In(e Engine) (Query, error) {
	text, err := q.in(e)
	return Query{Name: q.Name, text: text}, err
}

func (q Query) in(e Engine) (string, error) {
	text, err := putMetrics(q.text, e)
	if err == nil {
		text, err = putWords(text, e)
	}
	if err != nil {
		return "", fmt.Errorf("dashboards: query %s: %w", q.Name, err)
	}
	return strings.ReplaceAll(text, "{marts}", e.Marts), nil
}

// Bind gives the statement for an engine and the values of its positional parameters in their order. The first line of
// the statement is a comment with the query's name, so that a log of queries can be read.
func (q Query) Bind(e Engine, values map[string]any) (string, []any, error) {
	var args []any
	text, err := q.put(e, func(name string) (string, bool) {
		v, ok := values[name]
		args = append(args, v)
		return "?", ok
	})
	if err != nil {
		return "", nil, err
	}
	return text, args, nil
}

// Render gives the statement for an engine with SQL in place of each parameter, for surfaces that bind none. What put gives is
// SQL: literals have to be quoted by it; it may hold {marts}. Nothing ("") means that it has no such parameter, which is an error.
func (q Query) Render(e Engine, put func(parameter string) string) (string, error) {
	return q.put(e, func(name string) (string, bool) {
		sql := put(name)
		return strings.ReplaceAll(sql, "{marts}", e.Marts), sql != ""
	})
}

// put replaces parameters, templates and the names of marts. What value gives stays as it is, whatever it holds: nobody's text is
// a place of the template.
func (q Query) put(e Engine, value func(parameter string) (string, bool)) (string, error) {
	text, err := q.in(e)
	if err != nil {
		return "", err
	}
	var missing []string
	text = parameter.ReplaceAllStringFunc(text, func(m string) string {
		sql, ok := value(m[1:])
		if !ok {
			missing = append(missing, m[1:])
		}
		return sql
	})
	if missing != nil {
		return "", fmt.Errorf("dashboards: query %s: no value for %s", q.Name, strings.Join(missing, ", "))
	}
	return "-- " + q.Name + "\n" + text, nil
}
