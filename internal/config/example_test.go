package config

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// commented is an example behind a #: a # and no space, or a # and at least two. A # and one space begin a sentence.
var commented = regexp.MustCompile(`(?m)^( *)#(\S|  )`)

func TestExampleLoadsAsItIsAndEqualsTheDefaults(t *testing.T) {
	got := load(t, string(Example()), nil)
	want := load(t, "sources: {incidentio: {}}", nil)
	if diff := cmp.Diff(plain(reflect.ValueOf(*want)), plain(reflect.ValueOf(*got))); diff != "" {
		t.Errorf("a value that is on in the example differs from the default (-default +example):\n%s", diff)
	}
	if !got.Sources.Incidentio.APIKey.Equal(want.Sources.Incidentio.APIKey) {
		t.Error("sources.incidentio.api_key differs from its default")
	}
	for _, s := range got.secrets {
		if got.Line(s.key) > 0 && s.key != "sources.incidentio.api_key" {
			t.Errorf("%s is on, but has no default", s.key)
		}
	}
	if got.Data != want.Data || got.Metrics.Links != want.Metrics.Links || got.Redash.DuckDBCopy != want.Redash.DuckDBCopy {
		t.Error("a path differs from its default")
	}
}

func TestExampleNamesEveryKey(t *testing.T) {
	var root yaml.Node
	if err := yaml.Unmarshal(uncommented(), &root); err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	var walk func(key string, n *yaml.Node)
	walk = func(key string, n *yaml.Node) {
		for i := range n.Content {
			switch {
			case n.Kind == yaml.SequenceNode:
				walk(key+"[]", n.Content[i])
			case n.Kind == yaml.MappingNode && i%2 == 0:
				child := strings.TrimPrefix(key+"."+n.Content[i].Value, ".")
				for _, free := range []string{"labels.", "incident_values.", "mapping.", "durations.", "by_priority."} {
					if before, after, ok := strings.Cut(child, free); ok {
						_, rest, inside := strings.Cut(after, ".")
						child = before + free + "NAME"
						if inside {
							child += "." + rest
						}
					}
				}
				named[child] = true
				walk(child, n.Content[i+1])
			}
		}
	}
	walk("", root.Content[0])
	if len(keys()) < 100 {
		t.Fatalf("only %d keys are known", len(keys()))
	}
	for _, key := range keys() {
		if !named[key] {
			t.Errorf("the example does not name %s", key)
		}
	}
}

func TestExampleLoadsWithEveryExampleOn(t *testing.T) {
	// A token and an app exclude each other.
	text := regexp.MustCompile(`(?m)^ *token: "\$\{GITHUB_TOKEN\}".*\n`).ReplaceAllString(string(uncommented()), "")
	c := load(t, text, nil)
	if len(c.Services) != 1 || len(c.Services[0].Deployments) != 3 || len(c.Sources.GitHub.Repositories) != 2 || len(c.Sources.Files) != 2 {
		t.Errorf("an example was not read: %+v", c)
	}
	_, err := parse("fourfold.yaml", uncommented(), noEnv)
	if err == nil || !strings.Contains(err.Error(), "keep one of token and app") {
		t.Errorf("token and app together: got %v", err)
	}
}

func TestExampleSaysSomethingOfEveryKey(t *testing.T) {
	for i, line := range strings.Split(string(Example()), "\n") {
		key := regexp.MustCompile(`^ *#? *(?:- )?[a-z_]+:( |$)`).MatchString(line) && !regexp.MustCompile(`^ *# \S`).MatchString(line)
		isBlock := strings.HasSuffix(strings.TrimSpace(line), ":")
		if key && !isBlock && !strings.Contains(line, "  # ") {
			t.Errorf("line %d has no comment: %s", i+1, line)
		}
		if strings.ContainsRune(line, '\t') {
			t.Errorf("line %d has a tab", i+1)
		}
	}
}

func uncommented() []byte { return commented.ReplaceAll(Example(), []byte("$1$2")) }
