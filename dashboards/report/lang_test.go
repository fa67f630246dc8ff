package report

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// checkWords reads from the source which texts are asked for.
func checkWords(t *testing.T) {
	t.Helper()
	var source strings.Builder
	for _, pattern := range []string{"*.go", "../digest/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(f, "_test.go") {
				source.Write(b)
			}
		}
	}
	place := regexp.MustCompile(`\{[a-z]+\}`)
	en, err := LoadWords("en")
	if err != nil {
		t.Fatal(err)
	}
	ja, err := LoadWords("ja")
	if err != nil {
		t.Fatal(err)
	}
	for key, text := range en.texts {
		other, ok := ja.texts[key]
		if !ok {
			t.Errorf("ja lacks %s", key)
		}
		here, there := place.FindAllString(text, -1), place.FindAllString(other, -1)
		slices.Sort(here)
		slices.Sort(there)
		if diff := cmp.Diff(here, there); diff != "" {
			t.Errorf("%s has other places in ja (-en +ja)\n%s", key, diff)
		}
		made := regexp.MustCompile(`^(by|category|objects?|age)_`).FindString(key) // from a value of the data
		if !strings.Contains(source.String(), `"`+key+`"`) && (made == "" || !strings.Contains(source.String(), `"`+made+`"`)) {
			t.Errorf("nobody asks for %s", key)
		}
	}
	for key := range ja.texts {
		if _, ok := en.texts[key]; !ok {
			t.Errorf("en lacks %s", key)
		}
	}
	for _, m := range regexp.MustCompile(`Say\("([a-z_0-9]+)"[,)]`).FindAllStringSubmatch(source.String(), -1) {
		if !en.Has(m[1]) {
			t.Errorf("there is no text %s", m[1])
		}
	}
}
