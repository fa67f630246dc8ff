package bigquery

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrNotSelect says that a statement is not a single SELECT.
var ErrNotSelect = errors.New("only a single SELECT may be run here")

// ErrFunction says that a statement calls a function that does more than answer.
var ErrFunction = errors.New("this function may not be called here")

// ErrSchema says that a statement asks what else there is in a project, which a dry run does not tell.
var ErrSchema = errors.New("information_schema may not be read here")

// A statement of one query cannot write: what could is a statement of another kind, the last step of a pipe, or a function
// that is not BigQuery's own.

// families are what BigQuery's own functions are named behind. Others are those of a dataset, which may be remote, or ask a
// model that is.
var families = setOf("safe", "net", "hll_count", "kll_quantiles")

// functions that ask somebody else than the tables.
var outward = setOf("external_query", "external_object_transform")

// steps are what a pipe may do, by the word that a step begins with.
var steps = setOf("select", "extend", "set", "drop", "rename", "as", "where", "aggregate", "distinct", "join", "inner", "left", "right", "full", "cross",
	"order", "limit", "union", "intersect", "except", "pivot", "unpivot", "tablesample", "window", "with")

func setOf(names ...string) map[string]bool {
	set := map[string]bool{}
	for _, n := range names {
		set[n] = true
	}
	return set
}

// token is a word of a statement: a name in lower case, or a sign. Texts are none of them.
type token struct {
	text   string
	name   bool // a name, in backticks or not
	quoted bool // in backticks
	at     int
}

// is reports whether it is a keyword, which is never in backticks.
func (t token) is(word string) bool { return t.name && !t.quoted && t.text == word }

// checkSelect gives the tokens of a statement that is one SELECT and does nothing but answer.
func checkSelect(sql string) ([]token, error) {
	all, err := tokens(sql)
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	for len(all) > 0 && all[len(all)-1].text == ";" && !all[len(all)-1].name {
		all = all[:len(all)-1]
	}
	first := 0
	for first < len(all) && all[first].text == "(" {
		first++
	}
	if first == len(all) || !all[first].is("select") && !all[first].is("with") && !all[first].is("from") {
		return nil, fmt.Errorf("query: %w", ErrNotSelect)
	}
	for i, t := range all {
		switch {
		case t.name && slices.Contains(strings.Split(t.text, "."), "information_schema"):
			return nil, fmt.Errorf("query: %w", ErrSchema)
		case t.text == ";" && !t.name:
			return nil, fmt.Errorf("query: %w; this has several statements", ErrNotSelect)
		case t.text == "|>" && (i+1 == len(all) || !all[i+1].name || all[i+1].quoted || !steps[all[i+1].text]):
			return nil, fmt.Errorf("query: %w: a step of a pipe may not do this", ErrNotSelect)
		case t.text == "@@":
			return nil, fmt.Errorf("query: %w: variables of the system are none of it", ErrNotSelect)
		case t.text == "(" && i > 0 && all[i-1].name:
			if err := checkCall(all[:i]); err != nil {
				return nil, fmt.Errorf("query: %w", err)
			}
		}
	}
	return all, nil
}

// checkCall looks at the name that stands before a bracket.
func checkCall(before []token) error {
	end := len(before) - 1
	start := end
	for start >= 2 && before[start-1].text == "." && before[start-2].name {
		start -= 2
	}
	var path []string
	for i := start; i <= end; i += 2 {
		path = append(path, strings.Split(before[i].text, ".")...)
	}
	name := path[len(path)-1]
	if len(path) > 1 && (len(path) > 2 || !families[path[0]]) || outward[name] {
		return fmt.Errorf("%s(): %w: only BigQuery's own functions, of what is in the tables", strings.Join(path, "."), ErrFunction)
	}
	return nil
}

// tokens takes a statement apart as GoogleSQL's lexer does
// (https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical). Comments and texts are left out.
func tokens(sql string) ([]token, error) {
	var out []token
	for i := 0; i < len(sql); {
		rest := sql[i:]
		switch c := sql[i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v':
			i++
		case c == '#' || strings.HasPrefix(rest, "--"):
			n := strings.IndexAny(rest, "\r\n")
			if n < 0 {
				n = len(rest)
			}
			i += n
		case strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest[2:], "*/")
			if n < 0 {
				return nil, errors.New("a comment does not end")
			}
			i += n + 4
		case c == '\'' || c == '"':
			n, err := literalLength(rest)
			if err != nil {
				return nil, err
			}
			i += n
			out = append(out, token{text: "''", at: i - n})
		case c == '`':
			n, err := quotedUntil(rest, "`")
			if err != nil {
				return nil, err
			}
			name := rest[1 : n-1]
			if strings.Contains(name, `\`) {
				return nil, errors.New("names with escapes are not taken here: write them as they are")
			}
			out = append(out, token{strings.ToLower(name), true, true, i})
			i += n
		case isNameStart(c):
			n := 1
			for n < len(rest) && (isNameStart(rest[n]) || rest[n] >= '0' && rest[n] <= '9') {
				n++
			}
			word := strings.ToLower(rest[:n])
			// r'..' and b'..' are texts, too.
			if n < len(rest) && (rest[n] == '\'' || rest[n] == '"') && (word == "r" || word == "b" || word == "rb" || word == "br") {
				m, err := literalLength(rest[n:])
				if err != nil {
					return nil, err
				}
				out = append(out, token{text: "''", at: i})
				i += n + m
				continue
			}
			out = append(out, token{word, true, false, i})
			i += n
		case strings.HasPrefix(rest, "|>") || strings.HasPrefix(rest, "@@"):
			out = append(out, token{text: rest[:2], at: i})
			i += 2
		case c >= 0x80 || c < ' ':
			return nil, fmt.Errorf("%q stands outside of texts and names", []rune(rest)[0])
		default:
			out = append(out, token{text: rest[:1], at: i})
			i++
		}
	}
	return out, nil
}

func isNameStart(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// literalLength is how long the literal is that something begins with: in one quotation mark, on one line, or in three.
func literalLength(s string) (int, error) {
	if mark := s[:1]; strings.HasPrefix(s, strings.Repeat(mark, 3)) {
		return quotedUntil(s, strings.Repeat(mark, 3))
	}
	return quotedUntil(s, s[:1])
}

// quotedUntil is how long something in marks is, marks included. A backslash takes what is after it with it, in raw texts, too.
func quotedUntil(s, mark string) (int, error) {
	for i := len(mark); i < len(s); {
		switch {
		case strings.HasPrefix(s[i:], mark):
			return i + len(mark), nil
		case s[i] == '\\':
			i += 2
		case len(mark) == 1 && (s[i] == '\n' || s[i] == '\r'):
			return 0, fmt.Errorf("what begins with %s does not end on its line", mark)
		default:
			i++
		}
	}
	return 0, fmt.Errorf("what begins with %s does not end", mark)
}
