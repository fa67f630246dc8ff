package web

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// exported are the panels that can be downloaded: the answers to their queries as they are.
var exported = map[string]bool{
	"keys": true, "key_trend": true, "key_services": true, "deployments": true, "changes": true, "delivery_counted": true,
	"incident_deployments": true, "incident_candidates": true, "trend": true, "severity": true, "restores": true, "incidents": true, "incident_services": true,
	"incident_timestamps": true, "incident_statuses": true, "counted": true, "quality": true, "metrics": true, "publication": true,
}

// servePanel answers /api/panels/NAME.csv and NAME.json, with the filters of the page. Instants are RFC 3339 in UTC.
// X-Truncated says that there are more rows than dashboard.row_limit.
func (s *server) servePanel(w http.ResponseWriter, r *http.Request) {
	name, format, _ := strings.Cut(r.PathValue("file"), ".")
	if !exported[name] || (format != "csv" && format != "json") {
		s.serveNotFound(w, r)
		return
	}
	f := parseFilter(r.URL.Query())
	ctx := r.Context()
	var table *Table
	var fresh bool
	err := s.onPublished(ctx, func(build string) error {
		if fresh = notModified(w, r, s.tag(build, r.PathValue("file"), f)); fresh {
			return nil
		}
		b, err := s.build(ctx, build)
		if err != nil {
			return err
		}
		f := f.chosen(b)
		// One row more than is given shows whether there are more.
		params := f.params(b, f.span(b.Calendar, b.AsOfDate, b.FirstDate), s.RowLimit+1, s.RowLimit+1)
		table, err = s.store.run(ctx, build, name, params)
		return err
	})
	switch {
	case fresh:
		return
	case errors.Is(err, ErrNoBuild):
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, "nothing has been built yet: run `fourfold run`", http.StatusServiceUnavailable)
		return
	case err != nil:
		s.serveError(w, r, f, err)
		return
	}
	rows := table.Rows
	if len(rows) > s.RowLimit {
		rows = rows[:s.RowLimit]
		w.Header().Set("X-Truncated", "true")
	}
	body, kind := asJSON(table.Columns, rows), "application/json"
	if format == "csv" {
		body, kind = asCSV(table.Columns, rows), "text/csv; charset=utf-8"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="fourfold-%s.%s"`, name, format))
	write(w, r, http.StatusOK, body)
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

// neutral makes a text that no spreadsheet runs. Numbers are numbers of ours and stay.
func neutral(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
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

// asJSON writes an array of objects, an object a line, with keys in the order of the columns.
func asJSON(columns []string, rows [][]any) []byte {
	var b bytes.Buffer
	value := func(v any) {
		if t, ok := v.(time.Time); ok {
			v = t.UTC().Format(time.RFC3339Nano)
		}
		text, err := json.Marshal(v)
		if err != nil {
			text = []byte("null") // not a number, which JSON has no word for
		}
		b.Write(text)
	}
	b.WriteByte('[')
	for i, row := range rows {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n{")
		for j, v := range row {
			if j > 0 {
				b.WriteByte(',')
			}
			value(columns[j])
			b.WriteByte(':')
			value(v)
		}
		b.WriteByte('}')
	}
	b.WriteString("\n]\n")
	return b.Bytes()
}
