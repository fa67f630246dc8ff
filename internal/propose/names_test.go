package propose

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fourfold/internal/config"
)

func TestEnvironmentsThatUsersUseAreKnownByTheirNames(t *testing.T) {
	for _, name := range []string{"production", "Production", "prod", "prd", "live", "prod-eu", "eu-prod", "prod/eu", "prod1", "Production – web", "k8s_production", "本番", "本番環境"} {
		if !isProduction(name) {
			t.Errorf("%q is not taken for production", name)
		}
	}
	for _, name := range []string{"", "staging", "pre-production", "preprod", "non-prod", "prod-staging", "product", "reproduction", "delivery", "alive", "preview-6", "qa", "production-preview", "準本番", "開発"} {
		if isProduction(name) {
			t.Errorf("%q is taken for production", name)
		}
	}
}

func TestProductionNamesOfOneKindBecomeAPatternThatFitsThem(t *testing.T) {
	for _, x := range []struct{ names, want []string }{
		{[]string{"production"}, []string{"production"}},
		{[]string{"prod-eu", "prod-us"}, []string{"prod-*"}},
		{[]string{"Prod-eu", "prod-us", "live"}, []string{"prod-*", "live"}},
		{[]string{"prod-eu", "production"}, []string{"prod-eu", "production"}},
		{[]string{"prod/eu", "prod/us"}, []string{"prod/*"}},
		{[]string{"prod [1]", "live*"}, []string{`prod \[1\]`, `live\*`}},
		{[]string{"prod*a", "prod*b"}, []string{`prod\**`}},
		{nil, nil},
	} {
		got := patterns(x.names)
		if d := cmp.Diff(x.want, got); d != "" {
			t.Errorf("%v (-want +got)\n%s", x.names, d)
		}
		for _, name := range x.names {
			fits := false
			for _, p := range got {
				fits = fits || config.Glob(p).MatchFold(name)
			}
			if !fits {
				t.Errorf("%v does not fit %q", got, name)
			}
		}
	}
}

func TestValuesFindTheServicesThatTheyMean(t *testing.T) {
	names := []string{"api", "checkout-service", "web", "billing-api", "search-app", "search-server", "決済"}
	for _, x := range []struct {
		value string
		name  string // "" is none
		guess bool
	}{
		{"api", "api", false},
		{" API ", "api", false},
		{"Billing API", "billing-api", false},
		{"billing_api", "billing-api", false},
		{"Checkout", "checkout-service", true},
		{"Web service", "web", true},
		{"決済サービス", "決済", true},
		{"Search", "", false}, // of two
		{"service", "", false},
		{"", "", false},
		{"!!!", "", false},
		{"apis", "", false},
	} {
		at, guess := match(x.value, names)
		got := ""
		if at >= 0 {
			got = names[at]
		}
		if got != x.name || guess != x.guess {
			t.Errorf("%q is %q, guess %v; want %q, %v", x.value, got, guess, x.name, x.guess)
		}
	}
	if at, guess := matchAny(value{text: "The checkout", also: []string{"svc", "WEB"}}, names); at != 2 || guess {
		t.Errorf("an alias that is the same goes before a guess: %d, %v", at, guess)
	}
}

func TestTimestampsThatAreNotThereGiveWayToTheNearest(t *testing.T) {
	for _, x := range []struct {
		points []point
		there  []string
		names  string
		notes  int
	}{
		{startPoints, []string{"Impact started", "Declared at", "Reported at"}, "Impact started, Declared at, Reported at, created_at", 0},
		{startPoints, []string{"impact STARTED", "Detected at"}, "impact STARTED, Detected at, created_at", 2},
		{startPoints, []string{"検知", "影響開始"}, "影響開始, 検知, created_at", 3},
		{startPoints, []string{"Nothing"}, "created_at", 3},
		{endPoints, []string{"Resolved at", "Closed at"}, "Resolved at, left_live, Closed at", 1},
		{endPoints, []string{"復旧"}, "復旧, left_live", 3},
		{acknowledgePoints, []string{"Acknowledged at"}, "Acknowledged at, entered_live", 1},
	} {
		names, notes := choose(x.points, x.there)
		if got := strings.Join(names, ", "); got != x.names || len(notes) != x.notes {
			t.Errorf("%v: %s, %v; want %s", x.there, got, notes, x.names)
		}
	}
}

func TestTheFieldForCausesIsOneThatCanNameADeployment(t *testing.T) {
	releases := &catalogType{Name: "Release"}
	for _, x := range []struct {
		fields []field
		name   string
		says   string
	}{
		{[]field{{Name: "Notes", Type: "text"}}, "", ""},
		{[]field{{Name: "Cause", Type: "single_select"}}, "", "cannot name a deployment"},
		{[]field{{Name: "原因", Type: "text"}, {Name: "Deployment", Type: "link"}}, "Deployment", "link field"},
		{[]field{{Name: "原因", Type: "text"}}, "原因", "text field"},
		{[]field{{Name: "デプロイ", Type: "text"}, {Name: "Caused by", Type: "text"}}, "Caused by", "text field"},
		{[]field{{Name: "Root cause", Type: "single_select"}, {Name: "Caused by", Type: "single_select", catalog: releases}}, "Caused by", `"Release"`},
		{[]field{{Name: "Customers affected", Type: "numeric"}}, "", ""},
	} {
		name, note := causeField(x.fields)
		if name != x.name || !strings.Contains(note, x.says) || x.says == "" && note != "" {
			t.Errorf("%+v: %q, %q", x.fields, name, note)
		}
	}
}

func TestTheOtherAddressesGoWithTheOneOfTheAPI(t *testing.T) {
	for api, want := range map[string][2]string{
		DefaultAPIURL:                     {DefaultGraphQLURL, DefaultGitURL},
		"https://api.acme.ghe.com":        {"https://api.acme.ghe.com/graphql", "https://acme.ghe.com/"},
		"https://git.example.com/api/v3/": {"https://git.example.com/api/graphql", "https://git.example.com/"},
		"http://127.0.0.1:8080/":          {"http://127.0.0.1:8080/graphql", "http://127.0.0.1:8080/"},
		"http://127.0.0.1:8080/gh":        {"http://127.0.0.1:8080/gh/graphql", "http://127.0.0.1:8080/gh/"},
		"nonsense":                        {DefaultGraphQLURL, DefaultGitURL},
	} {
		if graph, git := beside(api); graph != want[0] || git != want[1] {
			t.Errorf("%s: %s, %s", api, graph, git)
		}
	}
}
