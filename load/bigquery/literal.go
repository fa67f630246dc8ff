package bigquery

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// literal is a text as SQL has it. Everything but plain printable ASCII is escaped, so that nothing in it can end it
// (https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#escape_sequences).
func literal(text string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && size == 1: // no text: it could not be one in BigQuery either
			r = utf8.RuneError
			fallthrough
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		case r < ' ' || r > '~' || r == '\'' || r == '\\' || r == '"' || r == '`':
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
		i += size
	}
	b.WriteByte('\'')
	return b.String()
}

// instantLiteral is an instant as SQL has it, with microseconds.
func instantLiteral(at time.Time) string {
	return "timestamp '" + at.UTC().Format("2006-01-02 15:04:05.000000") + "+00:00'"
}
