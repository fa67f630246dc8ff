package github

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// revert is what a pull request says that it takes back: a pull request, acme/api#12, or a commit.
type revert struct {
	PullRequest string `json:"pull_request,omitempty"`
	SHA         string `json:"sha,omitempty"`
}

var (
	// GitHub's button writes "Reverts acme/api#12" on a line of its own into the body, names the branch revert-12-name,
	// and the title Revert "the other's title". People write the same by hand, with #12 or the address.
	revertsLine    = regexp.MustCompile(`(?im)^[ \t]*reverts[ \t]+(?:([A-Za-z0-9][\w-]*/[\w.-]+)?#(\d+)|https?://[^\s/]+/([A-Za-z0-9][\w-]*/[\w.-]+)/pull/(\d+))\b`)
	revertBranch   = regexp.MustCompile(`^(?:.*/)?revert-(\d+)-`)
	revertTitle    = regexp.MustCompile(`^Revert "(.*)"`)
	numberAtEnd    = regexp.MustCompile(`\(#(\d+)\)$`)
	revertedCommit = regexp.MustCompile(`(?i)\bthis reverts (?:commit|merge)\s+([0-9a-f]{7,40})\b`)
)

// pullReverts finds what the body, the branch and the title of a pull request say that it reverts. What they say is a
// claim: whether that was merged before it is for the build to check.
func pullReverts(repository string, number int64, title, body, branch string) []revert {
	var out []revert
	add := func(r revert) {
		if r.PullRequest != repository+"#"+strconv.FormatInt(number, 10) && !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	for _, m := range revertsLine.FindAllStringSubmatch(body, -1) {
		name, n := m[1], m[2]
		if n == "" {
			name, n = m[3], m[4]
		}
		if name == "" {
			name = repository
		}
		add(revert{PullRequest: name + "#" + n})
	}
	if m := revertBranch.FindStringSubmatch(branch); m != nil {
		add(revert{PullRequest: repository + "#" + m[1]})
	}
	if m := revertTitle.FindStringSubmatch(strings.TrimSpace(title)); m != nil {
		if n := numberAtEnd.FindStringSubmatch(strings.TrimSpace(m[1])); n != nil {
			add(revert{PullRequest: repository + "#" + n[1]})
		}
	}
	for _, sha := range revertedCommits(body) {
		add(revert{SHA: sha})
	}
	return out
}

// revertedCommits finds the hashes of the commits that a message says it reverts, as git revert writes it.
func revertedCommits(message string) []string {
	var out []string
	for _, m := range revertedCommit.FindAllStringSubmatch(message, -1) {
		if sha := strings.ToLower(m[1]); !slices.Contains(out, sha) {
			out = append(out, sha)
		}
	}
	return out
}
