package github

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhatAPullRequestSaysThatItReverts(t *testing.T) {
	pr := func(names ...string) (out []revert) {
		for _, n := range names {
			out = append(out, revert{PullRequest: n})
		}
		return out
	}
	for name, c := range map[string]struct {
		title, body, branch string
		want                []revert
	}{
		"GitHub's button":            {`Revert "Raise the pool size"`, "Reverts acme/api#12", "revert-12-pool", pr("acme/api#12")},
		"of a revert":                {`Reapply "Raise the pool size"`, "Reverts acme/api#13\r\n", "revert-13-revert-12-pool", pr("acme/api#13")},
		"the body alone":             {"Take it back", "It broke.\n\n  reverts #7.\n", "fix", pr("acme/api#7")},
		"an address":                 {"x", "Reverts https://github.com/acme/web/pull/9", "fix", pr("acme/web#9")},
		"the branch alone":           {"Back out", "", "ben/revert-4-cache", pr("acme/api#4")},
		"the number in the title":    {`Revert "Add a cache (#5)"`, "", "x", pr("acme/api#5")},
		"the outer of two":           {`Revert "Revert "Add a cache (#5)" (#6)"`, "", "x", pr("acme/api#6")},
		"two in one":                 {"Back to Monday", "Reverts #1\nReverts acme/api#2", "x", pr("acme/api#1", "acme/api#2")},
		"commits":                    {"x", "This reverts commit ABCDEF0123. This reverts commit abcdef0123.\nthis reverts merge 0123456", "x", []revert{{SHA: "abcdef0123"}, {SHA: "0123456"}}},
		"itself":                     {"x", "Reverts #20", "revert-20-x", nil},
		"nothing":                    {"Refuse reverts of payments", "This change reverts nothing; see #3. We do not revert #4.", "revert-me", nil},
		"a word that ends like that": {"x", "unreverts #5", "prerevert-5-x", nil},
		"no hash":                    {"x", "This reverts commit zzz", "x", nil},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, pullReverts("acme/api", 20, c.title, c.body, c.branch)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
