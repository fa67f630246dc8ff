package pipeline

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// globExpression writes a pattern of the configuration as a regular expression of RE2, which both engines have: it
// matches what config.Glob.Match does.
func globExpression(pattern string) string {
	var alternatives []string
	for _, plain := range expand(pattern) {
		alternatives = append(alternatives, plainExpression(plain))
	}
	return "^(?:" + strings.Join(alternatives, "|") + ")$"
}

// expand gives the patterns without braces that a pattern with some stands for.
func expand(pattern string) []string {
	begin := -1
	var cuts []int
	for i, depth := 0, 0; i < len(pattern); i++ {
		switch pattern[i] {
		case '\\':
			i++
		case '{':
			if depth++; depth == 1 {
				begin, cuts = i, []int{i}
			}
		case ',':
			if depth == 1 {
				cuts = append(cuts, i)
			}
		case '}':
			if depth--; depth > 0 {
				continue
			}
			var out []string
			for n, from := range cuts {
				to := i
				if n+1 < len(cuts) {
					to = cuts[n+1]
				}
				out = append(out, expand(pattern[:begin]+pattern[from+1:to]+pattern[i+1:])...)
			}
			return slices.Compact(out)
		}
	}
	return []string{pattern}
}

// plainExpression writes a pattern without braces. ** is any text where it is a part of a path by itself, and then the
// slash that divides it from what stands before or after may be missing; elsewhere it is *.
func plainExpression(p string) string {
	var b strings.Builder
	for i := 0; i < len(p); {
		partBegins := i == 0 || p[i-1] == '/'
		switch rest := p[i:]; {
		case rest == "/**" || rest == "/**/":
			b.WriteString(map[string]string{"/**": "(?:/.*)?", "/**/": "(?:/(?:.*/)?)?"}[rest])
			return b.String()
		case partBegins && rest == "**":
			b.WriteString(".*")
			return b.String()
		case partBegins && strings.HasPrefix(rest, "**/"):
			b.WriteString("(?:.*/)?")
			i += 3
		case rest[0] == '*':
			b.WriteString("[^/]*")
			i += len(rest) - len(strings.TrimLeft(rest, "*"))
		case rest[0] == '?':
			b.WriteString("[^/]")
			i++
		case rest[0] == '[':
			class, n := classExpression(rest)
			b.WriteString(class)
			i += n
		default:
			if rest[0] == '\\' && len(rest) > 1 {
				i++
			}
			_, n := utf8.DecodeRuneInString(p[i:])
			b.WriteString(regexp.QuoteMeta(p[i : i+n]))
			i += n
		}
	}
	return b.String()
}

// classExpression writes the class that a pattern begins with, and says how long it is there.
func classExpression(p string) (class string, length int) {
	var b strings.Builder
	i := 1
	negated := p[i] == '!' || p[i] == '^'
	if negated {
		i++
	}
	next := func() rune {
		if p[i] == '\\' && i+1 < len(p) {
			i++
		}
		r, n := utf8.DecodeRuneInString(p[i:])
		i += n
		return r
	}
	for i < len(p) && p[i] != ']' {
		low := next()
		high := low
		if i+1 < len(p) && p[i] == '-' && p[i+1] != ']' {
			i++
			high = next()
		}
		if low <= high {
			fmt.Fprintf(&b, `\x{%x}-\x{%x}`, low, high)
		}
	}
	length = min(i+1, len(p))
	switch {
	case b.Len() > 0 && negated:
		return "[^" + b.String() + "]", length
	case b.Len() > 0:
		return "[" + b.String() + "]", length
	case negated:
		return `[\x{0}-\x{10ffff}]`, length
	default:
		return `[^\x{0}-\x{10ffff}]`, length
	}
}
