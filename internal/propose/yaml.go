package propose

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"fourfold/internal/render"
)

var (
	bare     = regexp.MustCompile(`^\pL[\pL\pN_/-]*( [\pL\pN_/-]+)*$`)
	keywords = []string{"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
)

// quote writes a text of somebody else's as a value: with quotes unless it is plainly a name. Nothing in it is taken for
// a reference to the environment.
func quote(text string) string { return quoteKey(strings.ReplaceAll(text, "${", "$${")) }

// quoteKey writes it as a key, in which nothing is a reference.
func quoteKey(text string) string {
	if bare.MatchString(text) && !slices.Contains(keywords, strings.ToLower(text)) {
		return text
	}
	return strconv.Quote(strings.ToValidUTF8(text, "\uFFFD"))
}

// list writes texts between brackets.
func list(texts []string) string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = quote(t)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// widest is how long a line of a comment may be, in runes.
const widest = 140

// comment writes words as lines of a comment: each on its line, nothing that steers a terminal.
func comment(indent, text string) []string {
	var out []string
	line := ""
	for _, word := range strings.Fields(render.Line(text)) {
		if line != "" && utf8.RuneCountInString(indent+"# "+line+" "+word) > widest {
			out = append(out, indent+"# "+line)
			line = ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return append(out, indent+"# "+line)
}

// some lists names in words, the first of them where they are many.
func some(names []string, most int) string {
	if more := len(names) - most; more > 0 {
		return strings.Join(names[:most], ", ") + " and " + strconv.Itoa(more) + " more"
	}
	return strings.Join(names, ", ")
}
