package ship

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// reported makes reports of one commit: "source:id@created-finished", ? for a time that is not known; the place of a source in
// its rules is that of its first report, and /commit names another commit.
func reported(texts ...string) []Report {
	var out []Report
	position := map[string]int{}
	for _, text := range texts {
		r := Report{Deployment: Deployment{Commit: "c", CreatedAt: NoTime}, Environment: "production"}
		name, times, _ := strings.Cut(text, "@")
		r.Source, r.ID, _ = strings.Cut(name, ":")
		times, commit, other := strings.Cut(times, "/")
		if other {
			r.Commit = commit
		}
		var created string
		created, times, _ = strings.Cut(times, "-")
		_, _ = fmt.Sscan(times, &r.FinishedAt)
		if created != "?" {
			r.CreatedAt = 0
			_, _ = fmt.Sscan(created, &r.CreatedAt)
		}
		if _, ok := position[r.Source]; !ok {
			position[r.Source] = len(position) + 1
		}
		r.Position = position[r.Source]
		out = append(out, r)
	}
	return out
}

func united(reports []Report) []string {
	var out []string
	survivors := Unite(reports)
	for i, r := range reports {
		if survivors[i] != i {
			s := reports[survivors[i]]
			out = append(out, r.Source+":"+r.ID+" is "+s.Source+":"+s.ID)
		}
	}
	return out
}

func TestD2ReportsOfOneDeploymentAreThoseOfOtherSourcesWhoseTimesOverlap(t *testing.T) {
	for promise, test := range map[string]struct {
		reports []string
		want    []string
	}{
		"overlapping":                    {[]string{"a:1@1-10", "b:1@5-20"}, []string{"b:1 is a:1"}},
		"the ends are in it":             {[]string{"a:1@1-10", "b:1@10-20"}, []string{"b:1 is a:1"}},
		"beside each other they are two": {[]string{"a:1@1-10", "b:1@11-20"}, nil},
		"within":                         {[]string{"a:1@1-10", "b:1@4-5"}, []string{"b:1 is a:1"}},
		"an instant, where nobody knows the begin":  {[]string{"a:1@?-10", "b:1@10-12", "c:1@?-9"}, []string{"b:1 is a:1"}},
		"of one source they are two":                {[]string{"a:1@1-10", "a:2@1-10"}, nil},
		"of another commit they are two":            {[]string{"a:1@1-10", "b:1@1-10/x"}, nil},
		"of no commit they are two":                 {[]string{"a:1@1-10/", "b:1@1-10/"}, nil},
		"through a report of a third source":        {[]string{"a:1@1-10", "b:1@8-20", "c:1@15-30"}, []string{"b:1 is a:1", "c:1 is a:1"}},
		"not through one of its own":                {[]string{"a:1@1-10", "b:1@8-20", "b:2@15-30"}, []string{"b:1 is a:1"}},
		"two of a source are each its own":          {[]string{"a:1@1-10", "a:2@20-30", "b:1@5-8", "b:2@25-26"}, []string{"b:1 is a:1", "b:2 is a:2"}},
		"of several it is the first to finish":      {[]string{"a:2@1-20", "a:1@1-10", "b:1@5-25"}, []string{"b:1 is a:1"}},
		"or was begun first":                        {[]string{"a:1@2-20", "a:2@1-20", "b:1@5-25"}, []string{"b:1 is a:2"}},
		"or has the smaller id":                     {[]string{"a:10@1-20", "a:9@1-20", "b:1@5-25"}, []string{"b:1 is a:9"}},
		"survivors of two sources that never met":   {[]string{"a:1@1-10", "b:1@20-30", "c:1@5-25"}, []string{"c:1 is a:1"}},
		"what comes by an earlier rule survives":    {[]string{"a:1@50-60", "b:1@1-55"}, []string{"b:1 is a:1"}},
		"what an earlier rule has never looks back": {[]string{"a:1@1-10", "b:1@12-30", "c:1@8-14"}, []string{"c:1 is a:1"}},
	} {
		same(t, promise, united(reported(test.reports...)), test.want)
	}
	elsewhere := reported("a:1@1-10", "b:1@1-10")
	elsewhere[1].Environment = "staging"
	same(t, "in another environment they are two", united(elsewhere), []string(nil))
}

func randomReports(r *rand.Rand) []Report {
	var out []Report
	for i := range 2 + r.IntN(30) {
		from := int64(r.IntN(40))
		d := Deployment{ID: fmt.Sprint(i), Source: string(rune('a' + r.IntN(4))), Commit: fmt.Sprint(r.IntN(3)), CreatedAt: from, FinishedAt: from + int64(r.IntN(8))}
		if r.IntN(6) == 0 {
			d.CreatedAt = NoTime
		}
		out = append(out, Report{Deployment: d, Environment: fmt.Sprint(r.IntN(2)), Position: 1 + r.IntN(3)})
	}
	return out
}

// TestD2UnitingIsWhatItsRuleSays reads the rule once more, with lists instead of tables.
func TestD2UnitingIsWhatItsRuleSays(t *testing.T) {
	for seed := range seeds(300, 20_000) {
		r := rand.New(rand.NewPCG(uint64(seed), 2))
		reports := randomReports(r)
		begin := func(x Report) int64 {
			if x.CreatedAt == NoTime {
				return x.FinishedAt
			}
			return x.CreatedAt
		}
		ordered := slices.Clone(reports)
		slices.SortFunc(ordered, func(a, b Report) int {
			if a.Position != b.Position {
				return a.Position - b.Position
			}
			return a.Compare(b.Deployment)
		})
		var clusters [][]Report // the survivor first
		want := map[string]string{}
		for _, x := range ordered {
			found := -1
			for i, cluster := range clusters {
				s := cluster[0]
				if s.Source == x.Source || s.Environment != x.Environment || s.Commit != x.Commit {
					continue
				}
				if !slices.ContainsFunc(cluster, func(y Report) bool {
					return y.Source != x.Source && max(begin(x), begin(y)) <= min(x.FinishedAt, y.FinishedAt)
				}) {
					continue
				}
				if found < 0 || s.Compare(clusters[found][0].Deployment) < 0 {
					found = i
				}
			}
			if found < 0 {
				clusters = append(clusters, []Report{x})
				want[x.ID] = x.ID
				continue
			}
			clusters[found] = append(clusters[found], x)
			want[x.ID] = clusters[found][0].ID
		}
		for range 3 { // in whatever order they come
			got := map[string]string{}
			survivors := Unite(reports)
			for i, s := range survivors {
				got[reports[i].ID] = reports[s].ID
			}
			same(t, fmt.Sprint("seed ", seed), got, want)
			checkUnited(t, reports, survivors)
			r.Shuffle(len(reports), func(i, j int) { reports[i], reports[j] = reports[j], reports[i] })
		}
	}
}

// checkUnited holds what must be true whatever the reports: a survivor is no alias, is of another source than its aliases and of the
// same deployment, and every report is counted once.
func checkUnited(t *testing.T, reports []Report, survivors []int) {
	t.Helper()
	for i, s := range survivors {
		a, b := reports[i], reports[s]
		switch {
		case survivors[s] != s:
			t.Errorf("%s is of %s, which is itself of another", a.ID, b.ID)
		case i != s && a.Source == b.Source:
			t.Errorf("%s and %s of one source were made one", a.ID, b.ID)
		case a.Commit != b.Commit || a.Environment != b.Environment:
			t.Errorf("%s and %s of two commits or environments were made one", a.ID, b.ID)
		case a.Position < b.Position:
			t.Errorf("%s came by an earlier rule than %s and did not survive", a.ID, b.ID)
		}
	}
}

func TestAnUnknownCommitIsNoOthers(t *testing.T) {
	g := graphOf("a", "b a")
	group := []Deployment{
		{ID: "1", Commit: sha("a").String(), FinishedAt: 1},
		{ID: "2", FinishedAt: 2},
		{ID: "3", FinishedAt: 3},
		{ID: "3", Source: "files", FinishedAt: 3},
		{ID: "4", Commit: sha("b").String(), FinishedAt: 4},
	}
	var got []string
	for _, o := range g.Attribute(group).Outcomes {
		got = append(got, fmt.Sprint(o.Source, o.ID, " ", o.Kind, " ", o.IsKnown, " ", o.FollowsUnknown, " ", o.Commits))
	}
	same(t, "outcomes", got, []string{
		"1 baseline true false 0", "2 forward false false 0", "3 forward false false 0", "files3 forward false false 0", "4 forward true true 1",
	})
}
