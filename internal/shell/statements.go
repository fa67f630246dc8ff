package shell

import "strings"

// Split takes the statements off a text that end with a semicolon outside of texts, names and comments; rest is what
// follows them. escapes says that a backslash takes the meaning of what follows it in a text, as in BigQuery.
func Split(text string, escapes bool) (statements []string, rest string) {
	begin := 0
	for i := 0; i < len(text); {
		n := skip(text[i:], escapes)
		if n == 0 {
			return statements, text[begin:] // it is not ended yet
		}
		if text[i] == ';' {
			if s := text[begin:i]; !blank(s, escapes) {
				statements = append(statements, strings.TrimSpace(s))
			}
			begin = i + 1
		}
		i += n
	}
	return statements, text[begin:]
}

// blank reports whether there is nothing in a text but comments.
func blank(text string, escapes bool) bool {
	for i := 0; i < len(text); {
		n := skip(text[i:], escapes)
		if n == 0 {
			return false // something that is not ended
		}
		if !isComment(text[i:]) && strings.TrimSpace(text[i:i+n]) != "" {
			return false
		}
		i += n
	}
	return true
}

func isComment(text string) bool {
	return strings.HasPrefix(text, "--") || strings.HasPrefix(text, "/*")
}

// skip is how long what a text begins with is: a text, a quoted name, a comment, or one byte; 0 where its end is missing.
func skip(text string, escapes bool) int {
	switch {
	case strings.HasPrefix(text, "--"):
		if n := strings.IndexByte(text, '\n'); n >= 0 {
			return n + 1
		}
		return len(text)
	case strings.HasPrefix(text, "/*"):
		return after(text, 2, "*/")
	case escapes && (strings.HasPrefix(text, `"""`) || strings.HasPrefix(text, "'''")):
		return quoted(text, text[:3], true)
	case text[0] == '\'', text[0] == '"', text[0] == '`':
		return quoted(text, text[:1], escapes)
	case text[0] == '$' && !escapes:
		if n := strings.IndexByte(text[1:], '$'); n >= 0 && isTag(text[1:1+n]) {
			return after(text, n+2, text[:n+2])
		}
	}
	return 1
}

// isTag reports whether $tag$ begins a text in DuckDB.
func isTag(s string) bool {
	for i, r := range s {
		if r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return true
}

func after(text string, from int, end string) int {
	if n := strings.Index(text[from:], end); n >= 0 {
		return from + n + len(end)
	}
	return 0
}

func quoted(text, mark string, escapes bool) int {
	for i := len(mark); i < len(text); i++ {
		switch {
		case escapes && text[i] == '\\':
			i++
		case strings.HasPrefix(text[i:], mark):
			return i + len(mark) // a doubled mark begins another text at once, which comes to the same
		}
	}
	return 0
}

// OnOneLine is a statement as the history keeps it. Where a comment would swallow what follows it, the comment goes.
func OnOneLine(text string, escapes bool) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		n := skip(text[i:], escapes)
		if n == 0 {
			n = len(text) - i
		}
		part := text[i : i+n]
		i += n
		switch {
		case strings.HasPrefix(part, "--"):
			b.WriteByte(' ')
		case part == "\n", part == "\t", part == "\r":
			b.WriteByte(' ')
		default:
			b.WriteString(strings.NewReplacer("\n", " ", "\r", " ").Replace(part))
		}
	}
	return strings.TrimSpace(b.String())
}
