package report

import (
	"embed"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed lang
var langFiles embed.FS

// Words are the texts of the report and the digest in a language.
type Words struct {
	code  string
	texts map[string]string
}

// LoadWords reads the texts of a language, en or ja.
func LoadWords(code string) (Words, error) {
	if code == "" {
		code = "en"
	}
	b, err := langFiles.ReadFile("lang/" + code + ".yaml")
	if err != nil {
		return Words{}, fmt.Errorf("report: language %q is not known: use en or ja", code)
	}
	w := Words{code: code}
	if err := yaml.Unmarshal(b, &w.texts); err != nil {
		return Words{}, fmt.Errorf("report: lang/%s.yaml: %w", code, err)
	}
	return w, nil
}

// Say gives a text with its {name} places filled from pairs of name and value. The tests read the keys from the source, so
// that none is missing.
func (w Words) Say(key string, pairs ...any) string {
	text, ok := w.texts[key]
	if !ok {
		panic("report: lang/" + w.code + ".yaml has no " + key)
	}
	var replace []string
	for i := 0; i+1 < len(pairs); i += 2 {
		replace = append(replace, "{"+fmt.Sprint(pairs[i])+"}", fmt.Sprint(pairs[i+1]))
	}
	return strings.NewReplacer(replace...).Replace(text)
}

// Has says whether there is a text for a key that comes from data.
func (w Words) Has(key string) bool {
	_, ok := w.texts[key]
	return ok
}
