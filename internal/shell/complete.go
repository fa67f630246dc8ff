package shell

import (
	"regexp"
	"slices"
	"strings"
)

// keywords are what both engines know and questions are made of.
var keywords = strings.Fields(`all and as asc avg between by case cast coalesce count cross date desc distinct else end except exists extract false
	from full group having in inner intersect is join last left like limit max min not null nulls on or order outer over partition right round row_number
	select sum then timestamp true union using when where with`)

var (
	word    = regexp.MustCompile(`[\pL_.][\pL\pN_.]*$`)
	sources = regexp.MustCompile("(?i)\\b(?:from|join)\\s+[\"`]?(\\w+)[\"`]?(?:\\s+(?:as\\s+)?(\\w+))?")
)

// Complete gives the words that may stand at a place of a line, in characters, and what is before and after them. before are
// the lines of the statement that stand already.
func Complete(tables []Table, before, line string, pos int) (head string, words []string, tail string) {
	all := []rune(line)
	left, tail := string(all[:pos]), string(all[pos:])
	begun := word.FindString(left)
	head = strings.TrimSuffix(left, begun)
	if strings.TrimSpace(before) == "" && strings.HasPrefix(strings.TrimSpace(left), ".") {
		return head, completeCommand(tables, strings.TrimSpace(head), begun), tail
	}
	if owner, prefix, ok := strings.Cut(begun, "."); ok {
		for _, c := range columnsOf(named(tables, before+"\n"+line, owner)) {
			words = appendMatch(words, c, prefix, owner+".")
		}
		return head, words, tail
	}
	for _, t := range tables {
		words = appendMatch(words, t.Name, begun, "")
	}
	of := mentioned(tables, before+"\n"+line)
	if len(of) == 0 {
		of = tables
	}
	for _, c := range columnsOf(of) {
		words = appendMatch(words, c, begun, "")
	}
	for _, k := range keywords {
		if begun != "" && strings.ToUpper(begun) == begun {
			k = strings.ToUpper(k)
		}
		words = appendMatch(words, k, begun, "")
	}
	slices.Sort(words)
	return head, slices.Compact(words), tail
}

func appendMatch(words []string, w, prefix, before string) []string {
	if len(w) >= len(prefix) && strings.EqualFold(w[:len(prefix)], prefix) {
		return append(words, before+w)
	}
	return words
}

// completeCommand completes a line that begins with a dot.
func completeCommand(tables []Table, command, begun string) (words []string) {
	from := []string{}
	switch command {
	case "":
		for _, c := range commands {
			from = append(from, c.name)
		}
	case ".schema":
		for _, t := range tables {
			from = append(from, t.Name)
		}
	case ".format":
		from = Formats
	}
	for _, w := range from {
		words = appendMatch(words, w, begun, "")
	}
	return words
}

// mentioned are the tables that a statement reads.
func mentioned(tables []Table, text string) (out []Table) {
	for _, m := range sources.FindAllStringSubmatch(text, -1) {
		if t, err := find(tables, m[1]); err == nil {
			out = append(out, t)
		}
	}
	return out
}

// named are the tables that a name before a dot stands for: a table, or what a statement calls one.
func named(tables []Table, text, name string) (out []Table) {
	for _, m := range sources.FindAllStringSubmatch(text, -1) {
		if t, err := find(tables, m[1]); err == nil && (strings.EqualFold(m[2], name) || strings.EqualFold(m[1], name)) {
			out = append(out, t)
		}
	}
	if t, err := find(tables, name); err == nil && out == nil {
		out = append(out, t)
	}
	return out
}

// columnsOf are the names of the columns of tables, each once.
func columnsOf(of []Table) []string {
	var out []string
	for _, t := range of {
		for _, c := range t.Columns {
			out = append(out, c.Name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
