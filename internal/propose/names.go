package propose

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// plain is a name without case and without what is neither letter nor digit: "API Gateway" and api-gateway are one.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// idle are words that say nothing of which service it is.
var idle = []string{"service", "services", "svc", "app", "application", "server", "backend", "system", "the", "サービス", "システム", "アプリ"}

// stem is a plain name without idle words, unless nothing else is in it.
func stem(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	kept := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return slices.Contains(idle, w) })
	if len(kept) == 0 {
		kept = words
	}
	out := strings.Join(kept, "")
	for _, w := range []string{"サービス", "システム"} {
		if cut := strings.TrimSuffix(out, w); cut != "" {
			out = cut
		}
	}
	return out
}

// match finds which of some names another is for: one that is the same without case, or plainly so, else the only one of
// the same stem, which is a guess. -1 is none.
func match(name string, names []string) (at int, guess bool) {
	if i := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, strings.TrimSpace(name)) }); i >= 0 {
		return i, false
	}
	if p := plain(name); p != "" {
		for i, n := range names {
			if plain(n) == p {
				return i, false
			}
		}
	}
	at = -1
	s := stem(name)
	for i, n := range names {
		if s != "" && stem(n) == s {
			if at >= 0 {
				return -1, false
			}
			at = i
		}
	}
	return at, at >= 0
}

// Environments that users use, by their names; and those that are named after production but come before it.
var (
	production    = regexp.MustCompile(`(?i)^(.*[^\pL\pN])?(prod|production|prd|live)[0-9]*([^\pL\pN].*)?$|本番`)
	notProduction = regexp.MustCompile(`(?i)(^|[^\pL\pN])(non|not|pre|staging|stage|stg|test|testing|dev|develop|development|qa|uat|preview|review|sandbox|demo)([^\pL\pN]|$)|検証|準本番|開発`)
)

func isProduction(environment string) bool {
	return production.MatchString(environment) && !notProduction.MatchString(environment)
}

// prefixed is a production name with more behind it: prod-eu.
var prefixed = regexp.MustCompile(`(?i)^(prod|production|prd|live)([^\pL\pN])`)

// patterns gives the shortest list of names and patterns for production environments: prod-eu and prod-us are prod-*.
func patterns(names []string) []string {
	count := map[string]int{}
	for _, n := range names {
		if m := prefixed.FindString(n); m != "" {
			count[strings.ToLower(m)]++
		}
	}
	var out []string
	for _, n := range names {
		p := strings.ToLower(n)
		if prefix := strings.ToLower(prefixed.FindString(n)); count[prefix] > 1 && prefix != "" {
			p, n = prefix+"*", escapeGlob(prefix)+"*"
		} else {
			n = escapeGlob(n)
		}
		if !slices.ContainsFunc(out, func(o string) bool { return strings.ToLower(o) == p || o == n }) {
			out = append(out, n)
		}
	}
	return out
}

var globEscaper = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`, `{`, `\{`, `}`, `\}`)

func escapeGlob(name string) string { return globEscaper.Replace(name) }

var digits = regexp.MustCompile(`[0-9]+`)

// family puts names that differ in numbers only under one: preview-6 and preview-7 are preview-*.
func family(name string) string { return digits.ReplaceAllString(name, "*") }

// serviceWords are in the names of fields and catalog types that hold services.
var serviceWords = regexp.MustCompile(`(?i)\b(service|services|component|components|microservice|microservices|application|applications|product|products|functionality)\b|サービス|コンポーネント|プロダクト|製品`)

var teamWords = regexp.MustCompile(`(?i)\b(team|teams|squad|owner|owned by|owners)\b|チーム|担当|所有`)

// causeWords are in the names of fields that say which change caused an incident, the likeliest first.
var causeWords = []*regexp.Regexp{
	regexp.MustCompile(`(?i)\bcaused by\b|原因の?(デプロイ|リリース|変更)`),
	regexp.MustCompile(`(?i)\b(deployment|deploy|deployed)\b|デプロイ`),
	regexp.MustCompile(`(?i)\b(release|released)\b|リリース`),
	regexp.MustCompile(`(?i)\b(commit|pull request|change)\b|コミット|プルリクエスト`),
	regexp.MustCompile(`(?i)\bcause\b|原因`),
}
