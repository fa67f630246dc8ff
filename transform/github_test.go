package transform

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// only keeps the named columns of a row.
func only(row map[string]any, names ...string) map[string]any {
	out := map[string]any{}
	for _, n := range names {
		if v, ok := row[n]; ok {
			out[n] = v
		}
	}
	return out
}

const deployment = `{"id":"9","repository_id":"77","repository":"acme/api","updated_at":"2026-03-01T10:00:00Z","latest_environment":ENV,
 "deployment":{"id":9,"node_id":"D_9","sha":"aa","ref":"v1","task":"deploy","environment":"production","original_environment":"staging",
  "production_environment":true,"transient_environment":false,"payload":"{\"a\":1}","creator":{"login":"hanako","id":5,"type":"User","avatar_url":"https://x/1"},
  "created_at":"2026-03-01T09:00:00Z","updated_at":"2026-03-01T10:00:00Z","url":"https://api.github.com/repos/acme/api/deployments/9"},
 "statuses":STATUSES}`

func deploymentWith(environment, statuses string) string {
	return strings.NewReplacer("ENV", environment, "STATUSES", statuses).Replace(deployment)
}

func TestD1ADeploymentFinishesWithItsFirstSuccessWhateverFollows(t *testing.T) {
	for name, c := range map[string]struct {
		statuses string
		want     map[string]any
	}{
		"inactive later": {
			`[{"id":"a","state":"IN_PROGRESS","createdAt":"2026-03-01T09:10:00Z"},{"id":"b","state":"SUCCESS","createdAt":"2026-03-01T09:20:00Z","logUrl":"https://log/1"},
			  {"id":"c","state":"SUCCESS","createdAt":"2026-03-01T09:30:00Z"},{"id":"d","state":"INACTIVE","createdAt":"2026-03-02T09:20:00Z"}]`,
			map[string]any{"finished_at": "2026-03-01T09:20:00Z", "latest_state": "inactive", "log_url": "https://log/1"},
		},
		"not in order":    {`[{"id":"b","state":"SUCCESS","createdAt":"2026-03-01T09:30:00Z"},{"id":"a","state":"success","createdAt":"2026-03-01T18:20:00+09:00"}]`, map[string]any{"finished_at": "2026-03-01T09:20:00Z", "latest_state": "success"}},
		"never":           {`[{"id":"a","state":"WAITING","createdAt":"2026-03-01T09:10:00Z"},{"id":"b","state":"INACTIVE","createdAt":"2026-03-01T09:10:00Z"}]`, map[string]any{"latest_state": "inactive"}},
		"nothing yet":     {`[]`, map[string]any{}},
		"a state to come": {`[{"id":"a","state":"CANARY","createdAt":"2026-03-01T09:10:00Z"}]`, map[string]any{"latest_state": "CANARY"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, rows := convert(t, GithubDeployments, plain, deploymentWith("null", c.statuses))
			if diff := cmp.Diff(c.want, only(rows[0], "finished_at", "latest_state", "log_url")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheEnvironmentOfADeploymentIsTheOneOfItsLatestStatus(t *testing.T) {
	for environment, want := range map[string]string{`null`: "production", `""`: "production", `"prod-eu"`: "prod-eu"} {
		_, rows := convert(t, GithubDeployments, plain, deploymentWith(environment, `[]`))
		if rows[0]["environment"] != want || rows[0]["original_environment"] != "staging" {
			t.Errorf("latest %s: environment %v, original %v", environment, rows[0]["environment"], rows[0]["original_environment"])
		}
	}
}

func TestWhatMovesByItselfMakesNoVersionOfADeployment(t *testing.T) {
	one := deploymentWith("null", `[{"id":"a","state":"SUCCESS","createdAt":"2026-03-01T09:10:00Z","updatedAt":"2026-03-01T09:10:00Z"}]`)
	moved := strings.NewReplacer(`"updated_at":"2026-03-01T10:00:00Z"`, `"updated_at":"2026-03-05T10:00:00Z"`, "https://x/1", "https://x/2").Replace(one)
	changed := strings.Replace(one, `"SUCCESS"`, `"FAILURE"`, 1)
	_, rows := convert(t, GithubDeployments, plain, one, moved, changed)
	if rows[0]["_hash"] != rows[1]["_hash"] || rows[0]["_hash"] == rows[2]["_hash"] {
		t.Errorf("hashes %v, %v (moved), %v (changed)", rows[0]["_hash"], rows[1]["_hash"], rows[2]["_hash"])
	}
}

func TestAMergedPullRequestKeepsWhatItsForkTookAway(t *testing.T) {
	_, rows := convert(t, GithubPullRequests, plain, `{"id":"PR_1","repository_id":"77","repository":"acme/api","number":12,"title":"決済を直す","url":"https://github.com/acme/api/pull/12",
	  "author":null,"baseRefName":"main","headRefName":"fix","headRefOid":"bb","headRepository":null,"isCrossRepository":true,"mergeCommit":{"oid":"cc"},"createdAt":"2026-03-01T09:00:00Z",
	  "mergedAt":"2026-03-02T09:00:00Z","updatedAt":"2026-03-02T09:00:00Z","labels":{"nodes":[{"name":"hotfix"},{"name":"a\"b"}]},"reverts":[{"pull_request":"acme/api#3"}],"first_review_at":"2026-03-01T12:00:00Z"}`)
	want := map[string]any{
		"number": int64(12), "title": "決済を直す", "is_bot": false, "merge_oid": "cc", "merged_at": "2026-03-02T09:00:00Z", "labels": `["hotfix","a\"b"]`,
		"reverts": `[{"pull_request":"acme/api#3"}]`, "first_review_at": "2026-03-01T12:00:00Z", "is_cross_repository": true,
	}
	got := only(rows[0], "number", "title", "is_bot", "author", "head_repository", "merge_oid", "merged_at", "labels", "reverts", "first_review_at", "is_cross_repository", "commit_count")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestACommitHasItsParentsAsOneText(t *testing.T) {
	_, rows := convert(t, GithubCommits, plain,
		`{"id":"77:aa","repository_id":"77","sha":"aa","parents":["bb","cc"],"authored_at":"2026-03-01T09:00:00+09:00","committed_at":"2026-03-01T09:00:00Z","author":{"name":"花子","email":"h@example.com"},"title":"Merge"}`,
		`{"id":"77:bb","repository_id":"77","sha":"bb","parents":[],"authored_at":"2026-03-01T09:00:00Z","committed_at":"2026-03-01T09:00:00Z","author":{"name":"renovate[bot]","email":"29139614+renovate[bot]@users.noreply.github.com"},"title":"Root","reverts":["dd"]}`)
	want := []map[string]any{
		{"parents": "bb cc", "authored_at": "2026-03-01T00:00:00Z", "author": "花子", "is_bot": false},
		{"authored_at": "2026-03-01T09:00:00Z", "author": "renovate[bot]", "is_bot": true, "reverts": `["dd"]`},
	}
	for i, row := range rows {
		if diff := cmp.Diff(want[i], only(row, "parents", "authored_at", "author", "is_bot", "reverts")); diff != "" {
			t.Error(diff)
		}
	}
}

func TestAPrivateRepositoryIsNoPrivateIncident(t *testing.T) {
	for _, policy := range []string{"exclude", "redact", "include"} {
		b, rows := convert(t, GithubRepositories, Policy{PrivateIncidents: policy}, `{"id":"77","full_name":"acme/api","visibility":"private","default_branch":"main"}`)
		if len(rows) != 1 || len(b.Withheld) != 0 || rows[0]["default_branch"] != "main" {
			t.Errorf("%s: rows %v, withheld %v", policy, rows, b.Withheld)
		}
	}
}

func TestWhatHasLandedMayBeGivenAgainAndIsNoNewVersion(t *testing.T) {
	record := deploymentWith("null", `[{"id":"a","state":"SUCCESS","createdAt":"2026-03-01T09:10:00Z","creator":{"__typename":"User","login":"hanako"}}]`)
	for _, people := range []string{"hash", "include", "drop"} {
		policy := Policy{People: people, HashKey: hashed.HashKey}
		_, first := convert(t, GithubDeployments, policy, record)
		_, again := convert(t, GithubDeployments, policy, first[0]["payload"].(string))
		if diff := cmp.Diff(first[0], again[0]); diff != "" {
			t.Errorf("%s: first (-) and again (+):\n%s", people, diff)
		}
	}
}

func TestPeopleOfGitHubAreHashedAndBotsAreNot(t *testing.T) {
	bot := strings.Replace(deploymentWith("null", `[{"id":"a","state":"SUCCESS","createdAt":"2026-03-01T09:10:00Z","creator":{"__typename":"User","login":"hanako"}}]`),
		`"login":"hanako","id":5,"type":"User"`, `"login":"deployer[bot]","id":6,"type":"Bot"`, 1)
	person := deploymentWith("null", `[{"id":"a","state":"SUCCESS","createdAt":"2026-03-01T09:10:00Z","creator":{"__typename":"User","login":"hanako"}}]`)
	_, rows := convert(t, GithubDeployments, hashed, person, bot)
	who, _ := rows[0]["creator"].(string)
	if !strings.HasPrefix(who, "person-") || rows[1]["creator"] != "deployer[bot]" {
		t.Errorf("creators %v and %v", rows[0]["creator"], rows[1]["creator"])
	}
	for i, row := range rows {
		payload := row["payload"].(string)
		if strings.Contains(payload, "hanako") || i == 0 && strings.Contains(payload, "https://x/1") {
			t.Errorf("row %d names a person: %s", i, payload)
		}
		// One person has one name wherever the two APIs put it.
		if !strings.Contains(payload, who) {
			t.Errorf("row %d: %s does not know the creator of the status as %s", i, payload, who)
		}
	}
	_, rows = convert(t, GithubCommits, hashed,
		`{"id":"77:aa","repository_id":"77","sha":"aa","parents":[],"author":{"name":"花子","email":"h@example.com"},"committer":{"name":"GitHub","email":"noreply@github.com"},"title":"x"}`)
	if p := rows[0]["payload"].(string); strings.Contains(p, "花子") || strings.Contains(p, "h@example.com") || !strings.Contains(p, `"GitHub"`) {
		t.Errorf("payload %s", p)
	}
	_, rows = convert(t, GithubCommits, Policy{People: "drop"}, `{"id":"77:aa","repository_id":"77","sha":"aa","parents":[],"author":{"name":"花子","email":"h@example.com"},"title":"x"}`)
	if p := rows[0]["payload"].(string); strings.Contains(p, "花子") || rows[0]["author"] != nil {
		t.Errorf("payload %s", p)
	}
}
