package dashboards

import (
	"regexp"
	"strings"
)

// Conditions that hold for everything where nothing is chosen begin so: a parameter is empty or something, or two are empty or
// something, all in brackets.
var unlessChosen = regexp.MustCompile(`\(\s*(?:@[a-z_]+ = ''|\(@[a-z_]+ = ''(?: and @[a-z_]+ = '')*\))\s+or\b`)

// isEmpty asks whether something is not chosen.
var isEmpty = regexp.MustCompile(`@[a-z_]+ = ''`)

// Chosen gives the query without the conditions that hold for everything because what they ask about is not chosen, and with the
// answer where it asks whether something is not. Its answer is the same: but a column that only they name need not be read.
func (q Query) Chosen(values map[string]any) Query {
	text := q.text
	for from := 0; ; {
		at := unlessChosen.FindStringIndex(text[from:])
		if at == nil {
			break
		}
		begin, head := from+at[0], text[from+at[0]:from+at[1]]
		end := closing(text, begin)
		if end < 0 || anyChosen(head, values) {
			from += at[1]
			continue
		}
		text = text[:begin] + "true" + text[end+1:]
		from = begin
	}
	text = isEmpty.ReplaceAllStringFunc(text, func(question string) string {
		if anyChosen(question, values) {
			return question
		}
		return "true"
	})
	return Query{Name: q.Name, text: text}
}

func anyChosen(head string, values map[string]any) bool {
	for _, name := range parameter.FindAllString(head, -1) {
		if v, ok := values[name[1:]]; !ok || v != "" {
			return true
		}
	}
	return false
}

// closing finds the bracket that closes the one at a place of an SQL text; -1 where none does.
func closing(text string, open int) int {
	depth, quoted := 0, false
	for i := open; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '-' && strings.HasPrefix(text[i:], "--"): // a comment to the end of its line
			n := strings.IndexByte(text[i:], '\n')
			if n < 0 {
				return -1
			}
			i += n
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}
