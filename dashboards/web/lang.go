package web

import (
	"embed"
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed lang
var langFiles embed.FS

// languages that the dashboard speaks, each a file lang/CODE.yaml with the same keys.
var languages = []string{"en", "ja"}

// language is a catalogue of texts and the way numbers and dates are written.
type language struct {
	Code     string
	Messages map[string]string
}

func loadLanguage(code string) (*language, error) {
	b, err := langFiles.ReadFile("lang/" + code + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("web: language %q is not known; there are %s", code, strings.Join(languages, ", "))
	}
	l := &language{Code: code}
	if err := yaml.Unmarshal(b, &l.Messages); err != nil {
		return nil, fmt.Errorf("web: lang/%s.yaml: %w", code, err)
	}
	return l, nil
}

// T gives a text with its {name} places filled from pairs of name and value. A key that does not exist is an error, which
// the tests find: no page may show one.
func (l *language) T(key string, pairs ...any) (string, error) {
	text, ok := l.Messages[key]
	if !ok {
		return "", fmt.Errorf("web: lang/%s.yaml has no %q", l.Code, key)
	}
	if len(pairs) == 0 {
		return text, nil
	}
	var replace []string
	for i := 0; i+1 < len(pairs); i += 2 {
		replace = append(replace, "{"+fmt.Sprint(pairs[i])+"}", fmt.Sprint(pairs[i+1]))
	}
	return strings.NewReplacer(replace...).Replace(text), nil
}

// t is T for keys in code; the tests read them from the source, so that none is missing.
func (l *language) t(key string, pairs ...any) string {
	text, err := l.T(key, pairs...)
	if err != nil {
		panic(err)
	}
	return text
}

// has says whether there is a text for a key that comes from data.
func (l *language) has(key string) bool {
	_, ok := l.Messages[key]
	return ok
}

// N counts things: it picks KEY_one for one and KEY_other for any other number, and fills {n}.
func (l *language) N(key string, n int, pairs ...any) (string, error) {
	suffix := "_other"
	if n == 1 {
		suffix = "_one"
	}
	return l.T(key+suffix, append([]any{"n", l.Count(n)}, pairs...)...)
}

func (l *language) n(key string, n int, pairs ...any) string {
	text, err := l.N(key, n, pairs...)
	if err != nil {
		panic(err)
	}
	return text
}

// Count writes a whole number with its thousands apart.
func (l *language) Count(n int) string {
	s := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, s = "−", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}
