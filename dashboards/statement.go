package dashboards

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strings"
	"time"
)

// Texts as literals: DuckDB doubles a quote and takes all else as it is; GoogleSQL knows escapes.
func quoteDuckDB(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func quoteBigQuery(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`).Replace(s) + "'"
}

// Statement gives a query for people to run by themselves: with the values of its parameters as literals.
func (q Query) Statement(e Engine, values map[string]any) (string, error) {
	return q.put(e, func(name string) (string, bool) {
		switch v := values[name].(type) {
		case nil:
			return "", false
		case string:
			return e.quote(v), true
		case time.Time:
			return "cast(" + e.quote(v.UTC().Format("2006-01-02 15:04:05.999999+00:00")) + " as " + e.at + ")", true
		default:
			return fmt.Sprint(v), true
		}
	})
}

// Version names the catalogue and its queries: it changes when any of them does.
func Version() string {
	h := sha256.New()
	h.Write(catalogueText)
	err := fs.WalkDir(files, "queries", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := files.ReadFile(path)
		h.Write([]byte(path))
		h.Write(text)
		return err
	})
	if err != nil {
		panic("dashboards: " + err.Error()) // the files are in the program
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}

// Text writes a text as a literal of the engine.
func (e Engine) Text(s string) string { return e.quote(s) }
