// Package report makes a file of a build's numbers for one period: pictures and tables in one HTML file that opens from a mail
// and prints on A4, or tables in Markdown for a wiki. It is made of the catalogue and its queries and defines no metric; it
// runs no script and asks nobody for anything. The same build, period and language give the same bytes.
package report

import "html/template"

// Document is a report before it is HTML or Markdown.
type Document struct {
	Language string
	Title    string
	Facts    []Fact // period, as of, time zone, build
	Notes    []string
	Sections []Section
	Footer   string
	Few      string // how Markdown, which knows no grey, marks a {value} that rests on few
}

// Fact is a name and a value in the head of a report.
type Fact struct{ Name, Value string }

// Section answers one question.
type Section struct {
	Key      string // of the panel in the catalogue
	Title    string
	Question string
	Notes    []string
	Figures  []Figure
	Legend   []Legend
	Tables   []Table
	After    []string // what to know: how it is read, caveats
	Page     bool     // begins a page of its own in print
}

// Figure is a picture; Wide ones have a line of their own.
type Figure struct {
	Title string
	SVG   template.HTML
	Wide  bool
}

// Legend is a colour and what it stands for.
type Legend struct{ Class, Text string }

// Table is a table with a name. The first cell of a row heads it.
type Table struct {
	Title string
	Heads []Head
	Rows  []Row
	After string
}

// Head is the head of a column.
type Head struct {
	Text   string
	Number bool
	Small  bool // long words, in smaller letters
}

// Row is a row of a table.
type Row struct {
	Key   string // by which tests find it
	Cells []Cell
}

// Cell is a cell: what is shown, a smaller line below it, where it leads, and the value as the marts have it.
type Cell struct {
	Text, Detail, Href, Raw string
	Class                   string
	Links                   []Link // instead of Href, where the text names several objects
}

// Link is a name and where it leads.
type Link struct{ Text, Href string }
