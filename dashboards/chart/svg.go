package chart

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
)

//go:embed templates
var templates embed.FS

var drawings = template.Must(template.ParseFS(templates, "templates/*.html"))

// SVG is the drawing as a page has it inline; its look is in CSS.
func (d *Drawing) SVG() template.HTML {
	var b bytes.Buffer
	if err := drawings.ExecuteTemplate(&b, "drawing", d); err != nil {
		panic("chart: " + d.ID + ": " + err.Error()) // the template and its data are both of this package
	}
	return template.HTML(b.String()) //nolint:gosec // html/template made it
}

// Version changes when what makes a drawing's look changes: the style sheet or the templates.
func Version() string {
	h := sha256.New()
	h.Write(CSS)
	for _, t := range []string{"drawing", "document"} {
		b, err := templates.ReadFile("templates/" + t + ".html")
		if err != nil {
			panic("chart: " + err.Error()) // the file is in the program
		}
		h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}
