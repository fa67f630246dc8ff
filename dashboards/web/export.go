package web

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"fourfold/dashboards"
)

// furtherQueries can be downloaded besides the panels of the catalogue: what stands beside incidents in the list of them.
var furtherQueries = []string{
	"trend", "incident_deployments", "incident_unlinked", "incident_services", "incident_timestamps", "incident_statuses", "publication", "restore_outcomes",
}

// exportedQuery is the query of a panel, or a further one by its name; "" where there is none of that name.
func (s *server) exportedQuery(name string) string {
	if p := s.pages.catalogue.Panel(name); p != nil {
		return p.Query
	}
	if slices.Contains(furtherQueries, name) {
		return name
	}
	return ""
}

// servePanel answers /api/panels/NAME.csv, .json, .svg and .sql, with the filters of the page. Instants are RFC 3339 in UTC.
// X-Truncated says that there are more rows than dashboard.row_limit.
func (s *server) servePanel(w http.ResponseWriter, r *http.Request) {
	name, format, _ := strings.Cut(r.PathValue("file"), ".")
	query, makes := s.exportedQuery(name), exports[format]
	if query == "" || makes.write == nil || format == "svg" && s.pages.catalogue.Panel(name) == nil {
		s.serveNotFound(w, r)
		return
	}
	asked := filterOf(r)
	got, err := s.answerTo(w, r, r.PathValue("file"), asked, func(ctx context.Context, build string) (*answer, error) {
		return s.makeExport(ctx, build, name, format, asked)
	})
	s.sendFile(w, r, asked, got, err)
}

// makeExport asks a panel's query and writes the answer in a format.
func (s *server) makeExport(ctx context.Context, build, name, format string, f filter) (*answer, error) {
	m, err := s.open(ctx, build, at(""), f)
	if err == nil {
		err = f.understood(m.b)
	}
	if err != nil {
		return nil, err
	}
	makes := exports[format]
	header := http.Header{
		"Content-Type": {makes.kind}, "Content-Disposition": {fmt.Sprintf(`%s; filename="fourfold-%s.%s"`, makes.disposition, name, format)},
	}
	// One row more than is given shows whether there are more.
	e := export{m: m, query: s.exportedQuery(name), panel: s.pages.catalogue.Panel(name), params: m.params(s.RowLimit+1, s.RowLimit+1)}
	if format != "sql" {
		table, err := s.store.run(ctx, build, e.query, e.params)
		if err != nil {
			return nil, err
		}
		e.table = &Table{table.Columns, table.Rows[:min(len(table.Rows), s.RowLimit)]}
		if len(table.Rows) > s.RowLimit {
			header["X-Truncated"] = []string{"true"}
		}
	}
	body, err := makes.write(s, e)
	if err != nil {
		return nil, err
	}
	return pack(header, body), nil
}

// export is what is asked for: the answer to a panel's query, except where only its statement is.
type export struct {
	m      *maker
	query  string
	panel  *dashboards.Panel
	params map[string]any
	table  *Table
}

// exports are the formats by the ending of an address.
var exports = map[string]struct {
	kind, disposition string
	write             func(*server, export) ([]byte, error)
}{
	"csv":  {"text/csv; charset=utf-8", "attachment", func(_ *server, e export) ([]byte, error) { return asCSV(e.table.Columns, e.table.Rows), nil }},
	"json": {"application/json", "attachment", func(_ *server, e export) ([]byte, error) { return asJSON(e.table.Columns, e.table.Rows), nil }},
	"svg":  {"image/svg+xml", "attachment", func(s *server, e export) ([]byte, error) { return s.asSVG(e) }},
	"sql": {"text/plain; charset=utf-8", "inline", func(s *server, e export) ([]byte, error) {
		return []byte(s.statement(e.query, e.params)), nil
	}},
}

// asCSV writes a table for spreadsheets: a text that one would take for a formula is led by an apostrophe.
func asCSV(columns []string, rows [][]any) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	line := func(cells []string) {
		if err := w.Write(cells); err != nil {
			panic("web: " + err.Error()) // a buffer takes everything
		}
	}
	line(columns)
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, v := range row {
			if s, ok := v.(string); ok {
				cells[i] = neutral(s)
			} else {
				cells[i] = plain(v)
			}
		}
		line(cells)
	}
	w.Flush()
	return b.Bytes()
}

// neutral makes a text that no spreadsheet runs, whatever space or full-width form leads it. Numbers are numbers of ours and stay.
func neutral(s string) string {
	if strings.ContainsAny(firstOf(s), "=+-@\t\r\n＝＋－＠") {
		return "'" + s
	}
	if first := strings.TrimLeftFunc(s, unicode.IsSpace); first != s && strings.ContainsAny(firstOf(first), "=+-@＝＋－＠") {
		return "'" + s
	}
	return s
}

// firstOf is the first letter of a text; "" of none.
func firstOf(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return s[:n]
}

func plain(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case time.Time:
		return x.UTC().Format(time.RFC3339Nano)
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	default:
		return fmt.Sprint(x)
	}
}
