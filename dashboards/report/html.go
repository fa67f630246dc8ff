package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strings"
	"unicode/utf8"

	"fourfold/dashboards/chart"
)

//go:embed report.html
var page string

//go:embed report.css
var style string

var tmpl = template.Must(template.New("report").Funcs(template.FuncMap{
	"style": func() template.CSS { return template.CSS(chart.LightCSS() + style) }, //nolint:gosec // it is in the program
	"long":  long,
}).Parse(page))

// HTML writes a document as one self-contained file: it runs no script, asks nobody for anything, and may not.
func HTML(d *Document) ([]byte, error) {
	var b bytes.Buffer
	if err := tmpl.ExecuteTemplate(&b, "report", d); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return b.Bytes(), nil
}

// long says whether a text has a word that would stretch its column over the edge of a page: it may break anywhere.
func long(text string) bool {
	for _, word := range strings.Fields(text) {
		if utf8.RuneCountInString(word) > 18 {
			return true
		}
	}
	return false
}
