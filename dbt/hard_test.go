package dbt_test

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"fourfold/dbt"
)

// hard are the singular tests that stop a build: that numbers by service and totals are what the marts have, and that
// nothing was shipped twice. Beside them only keys, relationships and contracts do. Whatever else may be wrong with the
// data of a source is a finding, and no reason to show nothing.
var hard = []string{
	"commits_are_shipped_once",
	"four_keys_counts_every_change_once",
	"four_keys_counts_every_deployment_once",
	"four_keys_counts_every_incident_once",
	"four_keys_services_add_up",
}

func TestOnlyWhatMakesANumberWrongStopsABuild(t *testing.T) {
	t.Parallel()
	var singular []string
	for _, n := range parse(t).of("test") {
		stops := n.Config.Severity == "ERROR"
		switch {
		case strings.HasPrefix(n.Path, "project_tests/"): // no part of a build
		case n.Test == nil:
			singular = append(singular, n.Name)
			if !stops {
				t.Errorf("%s does not stop a build", n.Name)
			}
		case n.Test.Name == "key" || n.Test.Name == "relationships":
			if !stops {
				t.Errorf("%s does not stop a build", n.Name)
			}
		case stops:
			t.Errorf("%s would stop a build: make it a finding in data_quality, or give it severity: warn", n.Name)
		}
	}
	slices.Sort(singular)
	if !slices.Equal(singular, hard) {
		t.Errorf("singular tests are %v, want %v", singular, hard)
	}
}

// Of every model what one row is is tested: of a mart by every build, of the steps to it by the project's own test.
func TestEveryModelHasAKeyThatIsTested(t *testing.T) {
	t.Parallel()
	m := parse(t)
	own := map[string]bool{}
	for _, n := range m.of("test") {
		if strings.HasPrefix(n.Name, "keys_of_") {
			for _, id := range n.DependsOn.Nodes {
				own[id] = true
			}
		}
	}
	for _, n := range m.of("model") {
		isTested := own["model.fourfold."+n.Name]
		switch {
		case n.layer() == "marts":
			if len(m.tests(n, "key")) != 1 {
				t.Errorf("%s: %d tests of a key, want one", n.Name, len(m.tests(n, "key")))
			}
		case strings.HasPrefix(n.Name, "int_findings_of_"):
			// Findings that are equal are one in data_quality, whose key is tested.
			if isTested {
				t.Errorf("%s has no key of its own", n.Name)
			}
		case !isTested:
			t.Errorf("%s has no key in project_tests", n.Name)
		}
	}
}

// parents are marts by the name under which others refer to their rows.
var parents = map[string]string{
	"incident_id": "fct_incidents", "deployment_id": "fct_deployments", "previous_deployment_id": "fct_deployments",
	"culprit_deployment_id": "fct_deployments", "nearest_deployment_id": "fct_deployments", "change_id": "fct_changes",
	"follow_up_id": "fct_follow_ups", "service": "dim_services", "metric": "dim_metrics",
}

// What a mart says of a row of another is there: a join loses nothing.
func TestEveryReferenceBetweenMartsIsTested(t *testing.T) {
	t.Parallel()
	m := parse(t)
	seen := map[string]bool{}
	for _, n := range m.of("model") {
		if n.layer() != "marts" {
			continue
		}
		for _, c := range n.Columns {
			parent, ok := parents[c.Name]
			if !ok || n.Name == parent && !strings.Contains(c.Name, "_deployment_id") {
				continue
			}
			seen[c.Name] = true
			ok = slices.ContainsFunc(m.tests(n, "relationships"), func(r *node) bool {
				return r.Column == c.Name && r.Test.Kwargs.To == "ref('"+parent+"')"
			})
			if !ok {
				t.Errorf("%s.%s names a row of %s, and no test says that it is there", n.Name, c.Name, parent)
			}
		}
	}
	for name := range parents {
		if !seen[name] {
			t.Errorf("no mart has %s any more", name)
		}
	}
}

// Hard tests are read when one fails: each says first what it promises.
func TestEveryHardTestSaysWhatItPromises(t *testing.T) {
	files, err := fs.Glob(dbt.Project, "tests/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(hard) {
		t.Errorf("%d files, want %d", len(files), len(hard))
	}
	for _, path := range files {
		text, err := fs.ReadFile(dbt.Project, path)
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`^-- [A-Z]`).Match(text) {
			t.Errorf("%s does not begin with what it promises", path)
		}
	}
}
