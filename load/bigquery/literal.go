package bigquery

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// literal is a text as SQL has it. What could end it, or a line, is escaped, and so is what cannot be seen
// (https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#escape_sequences). What is no text is replaced, since
// it could be none in BigQuery either.
func literal(text string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for _, r := range strings.ToValidUTF8(text, string(utf8.RuneError)) {
		switch {
		case r == '\'' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	b.WriteByte('\'')
	return b.String()
}

// isPlain reports whether a text is printable ASCII, which stands in a literal as it is.
func isPlain(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r < ' ' || r > '~' || r == '\'' || r == '\\' }) < 0
}

// instantLiteral is an instant as SQL has it, with microseconds.
func instantLiteral(at time.Time) string {
	return "timestamp '" + at.UTC().Format("2006-01-02 15:04:05.000000") + "+00:00'"
}
