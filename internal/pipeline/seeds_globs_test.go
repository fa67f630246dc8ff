package pipeline

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/bmatcuk/doublestar/v4"

	"fourfold/internal/config"
)

func TestAPatternMatchesTheSameInSQL(t *testing.T) {
	names := []string{
		"", "hotfix", "hotfix/", "hotfix/a", "hotfix/a/b", "a/hotfix", "a/hotfix/b", "Hotfix/a", "hotfix-1", "hotfix.1", "hotfixx1",
		"a", "b", "ab", "a-b", "a/b", "a/b/c", "a+b", "(a)", "^a$", "日本", "hotfix/日本", "a]", "*", "{a}", "a,b", "}",
	}
	for _, pattern := range []string{
		"hotfix", "hotfix/*", "hotfix/**", "**/hotfix", "**/hotfix/**", "**", "*", "hotfix*", "hotfix**", "hotfix.?", "a+b", "(a)", "^a$",
		"{a,b}", "{hotfix/*,a/**}", "{a,{b,ab}}", "a{,-b}", "[ab]", "[!a]", "[^a]", "[a-c]", "[c-a]", "[a\\]]", "[\\a-b]", "\\*", "\\{a\\}", "a/**/c",
		"a/*/c", "日*", "[日]本", "a/**/", "**a", "a,b",
	} {
		if !doublestar.ValidatePattern(pattern) {
			t.Fatalf("%s is no pattern", pattern)
		}
		re, err := regexp.Compile(globExpression(pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if got, want := re.MatchString(name), config.Glob(pattern).Match(name); got != want {
				t.Errorf("%s as %s on %q: %v, want %v", pattern, re, name, got, want)
			}
		}
	}
}

// odd reports whether a pattern has two stars that are no part of a path by themselves, or stars beside others or a brace, or
// has an empty part, which no branch has: what those match is an accident.
func odd(pattern string) bool {
	if strings.Contains(pattern, "*{") || strings.Contains(pattern, "}*") || strings.Contains(pattern, "{}") {
		return true
	}
	for _, p := range expand(pattern) {
		if strings.HasSuffix(p, "**/") || strings.HasSuffix(p, "*/**") {
			return true
		}
		for _, part := range strings.Split(p, "/") {
			if part == "" || strings.Contains(part, "**") && part != "**" {
				return true
			}
		}
	}
	return false
}

func TestRandomPatternsMatchTheSameInSQL(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	random := func(letters []string, most int) string {
		var b strings.Builder
		for range r.IntN(most) {
			b.WriteString(letters[r.IntN(len(letters))])
		}
		return b.String()
	}
	patterns, matches := 0, 0
	for range 200_000 {
		pattern := random([]string{"a", "b", "/", "*", "?", "{a,", "{", ",", "}", "[ab]", "-", "/**", "**/", "\\"}, 6)
		if pattern == "" || !doublestar.ValidatePattern(pattern) || odd(pattern) {
			continue
		}
		re, err := regexp.Compile(globExpression(pattern))
		if err != nil {
			t.Fatalf("%s: %v", pattern, err)
		}
		patterns++
		for range 5 {
			name := random([]string{"a", "b", "-"}, 3)
			if name = strings.TrimPrefix(name+random([]string{"a", "b", "/a", "/b", "-"}, 5), "/"); name == "" {
				continue // no branch has no name
			}
			want := config.Glob(pattern).Match(name)
			if want {
				matches++
			}
			if got := re.MatchString(name); got != want {
				t.Fatalf("%s as %s on %q: %v, want %v", pattern, re, name, got, want)
			}
		}
	}
	if patterns < 30_000 || matches < 10_000 {
		t.Errorf("only %d patterns and %d matches: too few to say", patterns, matches)
	}
}
