package explain

import (
	"context"
	"time"
)

// Change is what made the numbers of a merged pull request, or of a commit that came without one.
type Change struct {
	ID            string          `json:"change_id"`
	Kind          string          `json:"kind"` // pull_request or commit
	Repository    string          `json:"repository"`
	PullRequest   *int64          `json:"pull_request"`
	SHA           string          `json:"sha"`
	MergeSHA      string          `json:"merge_sha"`
	Title         string          `json:"title"`
	URL           string          `json:"url"`
	Bot           bool            `json:"is_bot"`
	Asked         string          `json:"asked_commit"` // the commit that was asked for, if it was one
	FirstCommitAt *time.Time      `json:"first_commit_at"`
	OpenedAt      *time.Time      `json:"opened_at"`
	FirstReviewAt *time.Time      `json:"first_review_at"`
	MergedAt      *time.Time      `json:"merged_at"`
	Services      []ChangeService `json:"services"`
	CommitCount   int64           `json:"commit_count"`
	Commits       []ChangeCommit  `json:"commits"` // the first of them
	Measures      []Measure       `json:"measures"`
	Findings      []Finding       `json:"findings"`
	BuildID       string          `json:"build_id"`
}

// ChangeService is what a change is in one service.
type ChangeService struct {
	Service      string     `json:"service"`
	Team         string     `json:"team"`
	Counted      bool       `json:"is_counted"`
	Exclusion    string     `json:"exclusion_reason"`
	DeploymentID string     `json:"deployment_id"`
	Environment  string     `json:"environment"`
	DeployedSHA  string     `json:"deployed_sha"`
	DeployedAt   *time.Time `json:"deployed_at"`
	LeadTime     *int64     `json:"lead_time_seconds"`
	Coding       *int64     `json:"coding_seconds"`
	Review       *int64     `json:"review_seconds"`
	Deploy       *int64     `json:"deploy_seconds"`
}

// ChangeCommit is a commit of the change, as it was shipped to one service.
type ChangeCommit struct {
	SHA          string     `json:"sha"`
	Service      string     `json:"service"`
	AuthoredAt   *time.Time `json:"authored_at"`
	DeployedAt   *time.Time `json:"deployed_at"`
	DeploymentID string     `json:"deployment_id"`
	LeadTime     *int64     `json:"lead_time_seconds"`
	Counted      bool       `json:"is_counted"`
	Exclusion    string     `json:"exclusion_reason"`
}

// FindChange explains the change that is named by a pull request (acme/api#123, or its address) or by a commit
// (acme/api@1a2b3c4, or the beginning of its hash).
func FindChange(ctx context.Context, q Querier, name string) (*Change, error) {
	r := reader{ctx: ctx, q: q}
	id, asked, err := r.changeNamed(name)
	if err != nil {
		return nil, err
	}
	c := &Change{ID: id, Asked: asked, Services: []ChangeService{}, Commits: []ChangeCommit{}}
	for _, x := range r.rows(`select c.kind, c.repository, c.pull_request, c.sha, c.merge_sha, c.title, c.url, c.is_bot, c.first_commit_at, c.opened_at,
    c.first_review_at, c.merged_at, c.build_id, c.service, c.team, c.is_counted, c.exclusion_reason, c.deployment_id, d.environment, d.sha as deployed_sha,
    c.deployed_at, c.lead_time_seconds, c.coding_seconds, c.review_seconds, c.deploy_seconds
from fct_changes as c
left join fct_deployments as d on c.deployment_id = d.deployment_id and c.service = d.service
where c.change_id = $1 order by c.deployed_at nulls last, c.service`, id) {
		c.Kind, c.Repository, c.PullRequest, c.SHA, c.MergeSHA, c.Title = text(x[0]), text(x[1]), whole(x[2]), text(x[3]), text(x[4]), text(x[5])
		c.URL, c.Bot, c.FirstCommitAt, c.OpenedAt, c.FirstReviewAt = text(x[6]), x[7] == true, instant(x[8]), instant(x[9]), instant(x[10])
		c.MergedAt, c.BuildID = instant(x[11]), text(x[12])
		c.Services = append(c.Services, ChangeService{
			Service: text(x[13]), Team: text(x[14]), Counted: x[15] == true, Exclusion: text(x[16]), DeploymentID: text(x[17]), Environment: text(x[18]),
			DeployedSHA: text(x[19]), DeployedAt: instant(x[20]), LeadTime: whole(x[21]), Coding: whole(x[22]), Review: whole(x[23]), Deploy: whole(x[24]),
		})
	}
	for _, x := range r.rows(`select sha, service, authored_at, deployed_at, deployment_id, lead_time_seconds, is_counted, exclusion_reason, count(*) over ()
from fct_commits where change_id = $1 order by authored_at, sha, service limit $2`, id, int64(mostShipped)) {
		c.Commits = append(c.Commits, ChangeCommit{text(x[0]), text(x[1]), instant(x[2]), instant(x[3]), text(x[4]), whole(x[5]), x[6] == true, text(x[7])})
		c.CommitCount = number(x[8])
	}
	c.Measures = r.measures(id, "change", "commit")
	c.Findings = r.found(`select rule, severity, case when object_id = $1 then '' else object_id || ': ' end || detail
from data_quality
where object_type = 'change' and object_id = $1
    or object_type = 'commit' and object_id in (select c.repository || '@' || c.sha from fct_commits as c where c.change_id = $1)
order by object_type, object_id, rule, detail`, id)
	return c, r.err
}
