package chart

import (
	"crypto/sha256"
	"encoding/hex"
	"html/template"
	"strconv"
	"strings"
)

// SVG is the drawing as a page has it inline; its look is in CSS. It is written without a template: a page has thousands of marks,
// and html/template takes more than ten times as long for each. What is given is escaped, as words and as addresses.
func (d *Drawing) SVG() template.HTML {
	var b writer
	b.Grow(300 + 110*len(d.Marks))
	b.text(`<svg class="`).given(d.Class).text(`" viewBox="0 0 `).text(strconv.Itoa(d.W)).text(" ").text(strconv.Itoa(d.H)).text(`"`)
	if d.Decoration {
		b.text(` aria-hidden="true" focusable="false">`)
	} else {
		b.text(` role="group" aria-labelledby="`).given(d.ID).text(`-title" aria-describedby="`).given(d.ID).text(`-desc">`)
		b.text(`<title id="`).given(d.ID).text(`-title">`).given(d.Title).text(`</title><desc id="`).given(d.ID).text(`-desc">`).given(d.Desc).text("</desc>")
	}
	if d.Hatch {
		b.hatch(d.ID)
	}
	b.text("\n" + `<g aria-hidden="true">` + "\n")
	b.marks(d.Marks)
	b.text("</g></svg>")
	return template.HTML(b.String()) //nolint:gosec // what is given is escaped
}

// Version changes when the style sheet does.
func Version() string {
	sum := sha256.Sum256(CSS)
	return hex.EncodeToString(sum[:])[:12]
}

// writer writes SVG.
type writer struct{ strings.Builder }

// text writes what is of this package.
func (b *writer) text(s string) *writer {
	b.WriteString(s)
	return b
}

var escapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;", "+", "&#43;", "\x00", "\ufffd")

// given writes what is given as words: in an attribute or between tags.
func (b *writer) given(s string) *writer {
	_, _ = escapes.WriteString(b, s) // a builder takes everything
	return b
}

// attribute writes one that is not empty.
func (b *writer) attribute(name, value string) *writer {
	if value == "" {
		return b
	}
	return b.text(" ").text(name).text(`="`).given(value).text(`"`)
}

func (b *writer) marks(marks []Mark) {
	for _, m := range marks {
		b.mark(m)
		b.text("\n")
	}
}

func (b *writer) mark(m Mark) {
	if m.Href != "" {
		b.text(`<a href="`).given(address(m.Href)).text(`" tabindex="-1">`)
	}
	switch m.Kind {
	case "rect":
		b.text(`<rect class="`).given(m.Class).text(`" x="`).text(m.X).text(`" y="`).text(m.Y).text(`" width="`).text(m.W).text(`" height="`).text(m.H).text(`"`)
		b.attribute("rx", m.R).attribute("fill", m.Fill).text(">").tip(m.Tip).text("</rect>")
	case "path":
		b.text(`<path class="`).given(m.Class).text(`" d="`).text(m.D).text(`">`).tip(m.Tip).text("</path>")
	case "circle":
		b.text(`<circle class="`).given(m.Class).text(`" cx="`).text(m.X).text(`" cy="`).text(m.Y).text(`" r="`).text(m.R).text(`">`).tip(m.Tip).text("</circle>")
	case "text":
		b.text(`<text class="`).given(m.Class).text(`" x="`).text(m.X).text(`" y="`).text(m.Y).text(`"`)
		b.attribute("text-anchor", m.Anchor).text(">").tip(m.Tip).given(m.Text).text("</text>")
	}
	if m.Href != "" {
		b.text("</a>")
	}
}

func (b *writer) tip(s string) *writer {
	if s == "" {
		return b
	}
	return b.text("<title>").given(s).text("</title>")
}

// hatch is the pattern of an open period.
func (b *writer) hatch(id string) {
	b.text(`<defs><pattern id="`).given(id).text(`-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">`)
	b.text(`<line class="hatch" x1="0" y1="0" x2="0" y2="6"/></pattern></defs>`)
}

// address is a link as an attribute may have it: a relative one, or one of http or mailto; what could run is none. Letters that
// an address cannot have are percent-encoded.
func address(href string) string {
	if scheme, _, ok := strings.Cut(href, ":"); ok && !strings.ContainsAny(scheme, "/?#") {
		switch strings.ToLower(scheme) {
		case "http", "https", "mailto":
		default:
			return "#"
		}
	}
	var b strings.Builder
	for i := 0; i < len(href); i++ {
		c := href[i]
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || strings.IndexByte("-._~!#$&*+,/:;=?@[]", c) >= 0 ||
			c == '%' && i+2 < len(href) && hexDigit(href[i+1]) && hexDigit(href[i+2]) {
			b.WriteByte(c)
			continue
		}
		const digits = "0123456789abcdef"
		b.WriteByte('%')
		b.WriteByte(digits[c>>4])
		b.WriteByte(digits[c&15])
	}
	return b.String()
}

func hexDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'F' || c >= 'a' && c <= 'f'
}
