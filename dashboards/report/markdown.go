package report

import (
	"strings"
	"unicode"
)

// Markdown writes a document as text with tables, as GitHub and most wikis read it. It has no pictures: what they show is in
// the tables. What comes from data is escaped, so that it stays a text.
func Markdown(d *Document) []byte {
	var b strings.Builder
	b.WriteString("# " + escaped(d.Title) + "\n\n")
	for _, f := range d.Facts {
		b.WriteString("- **" + escaped(f.Name) + "**: " + escaped(f.Value) + "\n")
	}
	for _, n := range d.Notes {
		b.WriteString("\n" + escaped(n) + "\n")
	}
	for _, s := range d.Sections {
		if len(s.Tables) == 0 && len(s.Notes) == 0 {
			continue // a picture, whose numbers are in the table of another section
		}
		b.WriteString("\n## " + escaped(s.Title) + "\n")
		if s.Question != "" {
			b.WriteString("\n*" + escaped(s.Question) + "*\n")
		}
		for _, n := range s.Notes {
			b.WriteString("\n" + escaped(n) + "\n")
		}
		for _, t := range s.Tables {
			markdownTable(&b, t, d.Few)
		}
		for _, n := range s.After {
			b.WriteString("\n" + escaped(n) + "\n")
		}
	}
	b.WriteString("\n---\n\n" + escaped(d.Footer) + "\n")
	return []byte(b.String())
}

func markdownTable(b *strings.Builder, t Table, few string) {
	if t.Title != "" {
		b.WriteString("\n**" + escaped(t.Title) + "**\n")
	}
	b.WriteString("\n|")
	for _, h := range t.Heads {
		b.WriteString(" " + escaped(h.Text) + " |")
	}
	b.WriteString("\n|")
	for _, h := range t.Heads {
		if h.Number {
			b.WriteString(" ---: |")
		} else {
			b.WriteString(" --- |")
		}
	}
	b.WriteByte('\n')
	for _, r := range t.Rows {
		b.WriteByte('|')
		for _, c := range r.Cells {
			b.WriteString(" " + markdownCell(c, few) + " |")
		}
		b.WriteByte('\n')
	}
	if t.After != "" {
		b.WriteString("\n" + escaped(t.After) + "\n")
	}
}

func markdownCell(c Cell, few string) string {
	text := escaped(c.Text)
	if c.Class == "few" {
		text = strings.ReplaceAll(escaped(few), "{value}", text)
	}
	if c.Links != nil {
		var links []string
		for _, l := range c.Links {
			links = append(links, markdownLink(escaped(l.Text), l.Href))
		}
		text = strings.Join(links, ", ")
	}
	text = markdownLink(text, c.Href)
	if c.Detail != "" {
		text += "<br>" + escaped(c.Detail)
	}
	return text
}

// markdownLink is a text that leads to an address, if there is one.
func markdownLink(text, href string) string {
	if href == "" {
		return text
	}
	return "[" + text + "](<" + strings.NewReplacer("<", "%3C", ">", "%3E", "|", "%7C", "\n", "", "\r", "", "\\", "%5C").Replace(href) + ">)"
}

var markdownEscapes = strings.NewReplacer(
	`\`, `\\`, "|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "&", "&amp;", "~", `\~`, "#", `\#`,
)

// escaped is a text on one line that Markdown reads as it stands.
func escaped(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' || unicode.IsControl(r) }), " ")
	return markdownEscapes.Replace(s)
}
