package dialect

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// Asked is a question of docs/sql.md with the statement that answers it.
type Asked struct{ Question, SQL string }

var question = regexp.MustCompile("(?ms)^### ([^\n]+)\n.*?^```sql\n(.*?)^```")

// Page gives the questions of docs/sql.md.
func Page(tb testing.TB) []Asked {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join(Root(tb), "docs", "sql.md"))
	if err != nil {
		tb.Fatal(err)
	}
	var out []Asked
	for _, m := range question.FindAllStringSubmatch(string(text), -1) {
		out = append(out, Asked{m[1], m[2]})
	}
	return out
}
