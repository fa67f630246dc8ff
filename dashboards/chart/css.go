package chart

import (
	_ "embed"
	"regexp"
	"strings"
)

// CSS are the rules that the drawings in a page need, and the colours as variables that the page's own rules may use.
//
//go:embed chart.css
var CSS []byte

// pageOnly divides the rules of marks from those of what is around a drawing in a page.
const pageOnly = "/* In a page"

var (
	comments  = regexp.MustCompile(`(?s)/\*.*?\*/`)
	lightDark = regexp.MustCompile(`light-dark\(\s*([^,()]+?)\s*,\s*([^,()]+?)\s*\)`)
	variable  = regexp.MustCompile(`var\((--[a-z0-9-]+)\)`)
	declared  = regexp.MustCompile(`(--[a-z0-9-]+):\s*([^;}]+)`)
	rules     = regexp.MustCompile(`([^{}]+)\{([^{}]*)\}`)
	classes   = regexp.MustCompile(`\.([A-Za-z][A-Za-z0-9_-]*)`)
)

// theme is one of the two values of each colour.
type theme int

const (
	light theme = iota
	dark
)

// colours are the variables as one theme has them.
func (t theme) colours() map[string]string {
	root := string(CSS)[strings.Index(string(CSS), ":root {"):]
	root = root[:strings.Index(root, "}")]
	out := map[string]string{}
	for _, m := range declared.FindAllStringSubmatch(root, -1) {
		out[m[1]] = lightDark.ReplaceAllString(m[2], []string{"$1", "$2"}[t])
	}
	return out
}

// LightCSS are the rules of marks with the light colours in place of variables, for pages that are always light, as paper is.
func LightCSS() string { return light.style(nil) }

// style gives the rules for some classes, all if nil, with the colours of a theme in place of variables, one a line: Inkscape,
// librsvg, Office and Keynote know neither var() nor light-dark().
func (t theme) style(used map[string]bool) string {
	css, _, _ := strings.Cut(string(CSS), pageOnly)
	css = comments.ReplaceAllString(css, "")
	if i := strings.LastIndex(css, "@media"); i >= 0 {
		css = css[i:]
		css = css[strings.Index(css, "\n}")+2:]
	}
	colours := t.colours()
	var b strings.Builder
	for _, m := range rules.FindAllStringSubmatch(css, -1) {
		var selectors []string
		for _, s := range strings.Split(m[1], ",") {
			if s = strings.TrimSpace(s); applies(s, used) {
				selectors = append(selectors, s)
			}
		}
		if len(selectors) == 0 {
			continue
		}
		b.WriteString(strings.Join(selectors, ",") + "{" + variable.ReplaceAllStringFunc(strings.TrimSpace(m[2]), func(v string) string {
			return colours[variable.FindStringSubmatch(v)[1]]
		}) + "}\n")
	}
	return b.String()
}

// applies says whether all classes of a selector are used; what depends on a pointer has no place in a file.
func applies(selector string, used map[string]bool) bool {
	found := classes.FindAllStringSubmatch(selector, -1)
	for _, m := range found {
		if used != nil && !used[m[1]] {
			return false
		}
	}
	return len(found) > 0 && !strings.Contains(selector, ":")
}
