package chart

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// document is a drawing with what a page has around it: its title, and the legend.
type document struct {
	Drawing
	Width, Height, Top int // Top is where the chart begins
	Head, Foot         []Mark
}

const (
	docMargin    = 16
	docTitle     = 15.0 // pixels of a letter
	docTitleLine = 20
	docLegend    = 12.0
	docLegendRow = 20
)

// Document is the drawing as a file that needs nothing else: on white, with its title and legend, its look inside. Links
// are kept where they lead to an address that a file can have, that is an absolute one.
func (d *Drawing) Document() []byte { return d.document(light) }

func (d *Drawing) document(t theme) []byte {
	doc := document{Drawing: *d}
	doc.Title, doc.Desc = clean(d.Title), clean(d.Desc)
	doc.Marks = make([]Mark, len(d.Marks))
	for i, m := range d.Marks {
		m.Text, m.Tip = clean(m.Text), clean(m.Tip)
		if m.Href = clean(m.Href); !strings.HasPrefix(m.Href, "https://") && !strings.HasPrefix(m.Href, "http://") {
			m.Href = ""
		}
		doc.Marks[i] = m
	}
	if !d.Decoration {
		doc.head()
	}
	doc.Width = d.W + 2*docMargin
	doc.Top += docMargin
	doc.Height = doc.Top + d.H + docMargin
	doc.foot()
	used := map[string]bool{}
	for _, c := range strings.Fields(doc.Class + " hatch") {
		used[c] = true
	}
	for _, marks := range [][]Mark{doc.Head, doc.Marks, doc.Foot} {
		for _, m := range marks {
			for _, c := range strings.Fields(m.Class) {
				used[c] = true
			}
		}
	}
	style := "text{" + fonts + "}\n" + t.style(used)
	var b writer
	w, h := strconv.Itoa(doc.Width), strconv.Itoa(doc.Height)
	b.text(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	b.text(`<svg xmlns="http://www.w3.org/2000/svg" class="`).given(d.Class).text(`" width="`).text(w).text(`" height="`).text(h).text(`" viewBox="0 0 `).text(w + " " + h)
	b.text(`" role="img" aria-labelledby="`).given(d.ID).text("-title ").given(d.ID).text(`-desc">` + "\n")
	b.text(`<title id="`).given(d.ID).text(`-title">`).given(doc.Title).text("</title>\n")
	b.text(`<desc id="`).given(d.ID).text(`-desc">`).given(doc.Desc).text("</desc>\n")
	b.text("<style>\n").text(style).text("</style>\n")
	if d.Hatch {
		b.hatch(d.ID)
		b.text("\n")
	}
	b.text(`<rect width="`).text(w).text(`" height="`).text(h).text(`" fill="`).text(t.colours()["--card"]).text(`"/>` + "\n")
	b.marks(doc.Head)
	b.text(`<g transform="translate(`).text(strconv.Itoa(docMargin)).text(" ").text(strconv.Itoa(doc.Top)).text(`)">` + "\n")
	b.marks(doc.Marks)
	b.text("</g>\n")
	b.marks(doc.Foot)
	b.text("</svg>\n")
	return []byte(b.String())
}

// fonts are those of the page, as a file has to name them.
const fonts = `font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans","Hiragino Sans","Noto Sans JP","Noto Sans CJK JP","Yu Gothic UI",Meiryo,sans-serif;font-variant-numeric:tabular-nums`

// head puts the title above the chart.
func (d *document) head() {
	var own Drawing
	for i, line := range wrap(d.Title, docTitle*1.06, float64(d.W), 3) { // bold is wider
		own.Text("doctitle", docMargin, float64(docMargin+docTitleLine*(i+1))-6, "start", line)
		d.Top = docTitleLine*(i+1) + 8
	}
	d.Head = own.Marks
}

// foot puts the legend's keys side by side below the chart, in as many rows as they need.
func (d *document) foot() {
	var own Drawing
	x, rows := 0.0, 0
	for _, k := range d.Legend {
		wide := float64(k.Width() + 7)
		text, _ := fit(clean(k.Text), docLegend, float64(d.W)-wide)
		w := wide + textWidth(text, docLegend)
		if rows == 0 || x+w > float64(d.W) {
			x = 0
			rows++
		}
		y := float64(d.Height-4) + float64((rows-1)*docLegendRow)
		own.Marks = append(own.Marks, k.marks(docMargin+x, y)...)
		own.Text("doclegend", docMargin+x+wide, y+10, "start", text)
		x += w + 16
	}
	if rows > 0 {
		d.Height += rows*docLegendRow + 4
	}
	d.Foot = own.Marks
}

// clean takes out what no XML file can have.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return ' '
		case r < 0x20 || r == 0xfffe || r == 0xffff:
			return -1
		case r == utf8.RuneError:
			return '\ufffd'
		}
		return r
	}, s)
}
