package dbt_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// reads is what each layer may read.
var reads = map[string][]string{
	"staging":      {"ledger", "staging", "seed"}, // the seed that says as of when
	"intermediate": {"staging", "intermediate", "marts", "ship", "seed"},
	"marts":        {"staging", "intermediate", "marts", "ship", "seed"},
}

// pastStaging are models that read ledgers themselves, and why a staging model cannot give them what they want.
var pastStaging = map[string]string{
	"int_custom_field_names_meant":  "earlier versions: names that a field has had",
	"int_custom_field_values_meant": "earlier versions: words that an option has had",
	"int_timestamp_names_defined":   "earlier versions: names that a timestamp has had",
	"int_timestamp_names_embedded":  "earlier versions: names that incidents carried",
	"int_repository_names":          "earlier versions: names that a repository has had",
	"int_rejections_open":           "whether any version came later, be it present or not",
	"int_mentions_found":            "the few commits that are named, of very many",
	"int_reverts_resolved":          "the few commits that are named, of very many",
}

var names = map[string]*regexp.Regexp{
	"staging":      regexp.MustCompile(`^models/staging/(\w+)/(?:stg|base)_(\w+?)__(?:\w+s|rejected)\.sql$`),
	"intermediate": regexp.MustCompile(`^models/intermediate/\w+/int_\w+\.sql$`),
	"marts":        regexp.MustCompile(`^models/marts/\w+/(fct_\w+|dim_\w+|rpt_\w+|four_keys|data_quality|publication)\.sql$`),
}

// kind is what a node that is read is to the rules of the layers.
func (m manifest) kind(id string) string {
	if s, ok := m.Sources[id]; ok {
		if s.SourceName == "ship" {
			return "ship"
		}
		return "ledger"
	}
	if n := m.Nodes[id]; n.ResourceType == "model" {
		return n.layer()
	}
	return m.Nodes[id].ResourceType
}

// Staging reads ledgers and nothing else does; a mart's rows come by way of staging or from ship.
func TestLayersReadWhatTheyMay(t *testing.T) {
	t.Parallel()
	m := parse(t)
	excused := maps.Clone(pastStaging)
	for _, n := range m.of("model") {
		for _, id := range n.DependsOn.Nodes {
			kind := m.kind(id)
			if kind == "ledger" && pastStaging[n.Name] != "" {
				delete(excused, n.Name)
				continue
			}
			if !slices.Contains(reads[n.layer()], kind) {
				t.Errorf("%s of %s reads %s, of %s", n.Name, n.layer(), id, kind)
			}
		}
	}
	for name := range excused {
		t.Errorf("%s reads no ledger: it needs no excuse", name)
	}
}

func TestModelsHaveTheNamesOfTheirLayer(t *testing.T) {
	t.Parallel()
	for _, n := range parse(t).of("model") {
		found := names[n.layer()].FindStringSubmatch(n.Path)
		if found == nil {
			t.Errorf("%s is not named as models of %s are", n.Path, n.layer())
		} else if n.layer() == "staging" && found[1] != found[2] {
			t.Errorf("%s is in the folder of another source", n.Path)
		}
	}
}

// A model that nothing reads costs every build something for nobody. Marts are for people; a staging model that is there for
// the sake of its ledger is ephemeral. A view in between is worked out again by each that reads it: that has to be one.
func TestModelsAreReadAndMadeAsTheirLayerIs(t *testing.T) {
	t.Parallel()
	m := parse(t)
	readers := map[string]int{}
	for _, n := range m.of("model") {
		for _, id := range n.DependsOn.Nodes {
			readers[id]++
		}
	}
	for _, n := range m.of("model") {
		readers := readers["model.fourfold."+n.Name]
		made := n.Config.Materialized
		switch n.layer() {
		case "staging":
			want := map[bool]string{true: "view", false: "ephemeral"}[readers > 0]
			if strings.HasPrefix(n.Name, "base_") { // of which builds go on in BigQuery; here they are a part of what reads them
				want = "ephemeral"
			}
			if made != want {
				t.Errorf("%s is made a %s, want %s (%d read it)", n.Name, made, want, readers)
			}
		case "intermediate":
			if readers == 0 {
				t.Errorf("nothing reads %s", n.Name)
			}
			findings := strings.HasPrefix(n.Name, "int_findings_of_")
			if allowed := made == "ephemeral" || !findings && (made == "table" || made == "view" && readers == 1); !allowed {
				t.Errorf("%s is made a %s, and %d read it", n.Name, made, readers)
			}
		case "marts":
			if made != "table" {
				t.Errorf("%s is made a %s: a published build has no ledgers for it to look at", n.Name, made)
			}
		}
	}
}
