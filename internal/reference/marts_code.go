package reference

func codeMarts(c *computed) []Mart {
	deployments := Mart{
		Name: "fct_deployments", Key: []string{"deployment_id", "service"},
		Columns: []string{
			"source", "aliases", "group_id", "repository", "team", "environment", "sha", "created_at", "finished_at", "status", "kind", "is_diverged",
			"previous_deployment_id", "culprit_deployment_id", "commits_shipped", "changes_shipped", "is_counted", "exclusion_reason", "is_change_failure",
			"failure_reason", "is_rework", "rework_reason", "recovered_at", "recovery_seconds",
		},
	}
	for _, d := range c.deployments {
		row := Cells{
			"deployment_id": d.ID, "service": d.Service, "source": d.Source, "aliases": Ids(d.Aliases), "group_id": orNull(d.Group), "repository": orNull(d.Repository),
			"team": orNull(teamOf(c.s, d.Service)), "environment": NameText(d.Environment), "sha": orNull(d.SHA), "created_at": orNullTime(d.Created),
			"finished_at": orNullTime(d.At), "status": orNull(d.Status), "kind": orNull(d.Kind), "is_diverged": any(d.Diverged),
			"previous_deployment_id": orNull(d.Previous), "culprit_deployment_id": orNull(d.Culprit), "commits_shipped": int64(d.Commits), "changes_shipped": int64(d.Changes),
			"is_counted": d.Counted, "exclusion_reason": orNullRule(d.Why), "is_change_failure": d.Failed, "failure_reason": said(d.Failed),
			"is_rework": d.Rework, "rework_reason": said(d.Rework), "recovered_at": nil, "recovery_seconds": nil,
		}
		if d.Repository != "" {
			row["repository"] = NameText(d.Repository)
		}
		if d.NotTaken && d.Source == "deployments" { // whether it is a row is left open
			row[May] = true
		}
		if d.Status == "" {
			row["status"] = Anything{}
		}
		if !d.Live {
			row["is_diverged"], row["commits_shipped"], row["changes_shipped"] = Anything{}, Anything{}, Anything{}
		}
		if d.Failed {
			row["recovered_at"], row["recovery_seconds"] = orNullTime(d.Recovered), orNullPtr(d.Recovery)
		}
		deployments.Rows = append(deployments.Rows, row)
	}
	return []Mart{deployments, changesMart(c), commitsMart(c)}
}

// said is a reason: there is one, in words, or none.
func said(is bool) any {
	if is {
		return SomeText{}
	}
	return nil
}

func changesMart(c *computed) Mart {
	m := Mart{
		Name: "fct_changes", Key: []string{"change_id", "service"},
		Columns: []string{
			"kind", "repository", "team", "sha", "merge_sha", "first_commit_at", "opened_at", "first_review_at", "merged_at", "deployed_at", "deployment_id",
			"lead_time_seconds", "coding_seconds", "review_seconds", "deploy_seconds", "is_counted", "exclusion_reason",
		},
	}
	for _, x := range c.changes {
		row := Cells{
			"change_id": x.ID, "service": x.Service, "kind": "pull_request", "repository": x.Repository, "team": orNull(teamOf(c.s, x.Service)),
			"sha": Anything{}, "merge_sha": orNull(x.SHA), "first_commit_at": orNullTime(x.FirstCommit), "opened_at": orNullTime(x.Opened),
			"first_review_at": orNullTime(x.FirstReview), "merged_at": orNullTime(x.Merged), "deployed_at": orNullTime(x.DeployedAt), "deployment_id": orNull(x.Deployment),
			"lead_time_seconds": orNullPtr(x.LeadTime), "coding_seconds": orNullPtr(x.Coding), "review_seconds": orNullPtr(x.Review), "deploy_seconds": orNullPtr(x.Deploy),
			"is_counted": x.Counted, "exclusion_reason": orNullRule(x.Why),
		}
		if x.Number == 0 {
			row["kind"], row["sha"], row["merge_sha"], row["first_commit_at"] = "commit", x.SHA, Anything{}, Anything{}
		}
		switch x.Why {
		case "C4": // not deployed: the definitions give that no rule's name
			row["exclusion_reason"] = SomeText{}
		case "C2": // nobody knows when it was deployed, or by what
			row["deployed_at"], row["deployment_id"] = Anything{}, Anything{}
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}

func commitsMart(c *computed) Mart {
	m := Mart{
		Name: "fct_commits", Key: []string{"sha", "repository", "service"},
		Columns: []string{"authored_at", "deployed_at", "deployment_id", "change_id", "lead_time_seconds", "is_counted", "exclusion_reason"},
	}
	for _, x := range c.commits {
		m.Rows = append(m.Rows, Cells{
			"sha": x.SHA, "repository": x.Repository, "service": x.Service, "authored_at": orNullTime(x.Authored), "deployed_at": orNullTime(x.DeployedAt),
			"deployment_id": x.Deployment, "change_id": x.Change, "lead_time_seconds": orNullPtr(x.LeadTime), "is_counted": x.Counted, "exclusion_reason": orNullRule(x.Why),
		})
	}
	for _, x := range c.uncounted() {
		m.Rows = append(m.Rows, Cells{
			May: true, "sha": x.SHA, "repository": x.Repository, "service": x.Service, "authored_at": orNullTime(x.Authored), "deployed_at": Anything{},
			"deployment_id": Anything{}, "change_id": Anything{}, "lead_time_seconds": nil, "is_counted": false, "exclusion_reason": SomeText{},
		})
	}
	return m
}

// uncounted are the merge commits that came to production in a service, and the commits that a deployment shipped to one
// environment of it after the baseline of another had them (C2, C7): they count nowhere, and whether they are rows is left
// open.
func (c *computed) uncounted() []CommitShipped {
	var out []CommitShipped
	for n := range c.code.Repositories {
		r := &c.code.Repositories[n]
		for _, service := range r.Services {
			touches := touching(r, service, c.s)
			for sha, a := range arrivals(c.shipments, r, service) {
				if touches(sha) && (a.by.kind == "baseline" || len(r.Commits[sha].Parents) > 1) {
					out = append(out, CommitShipped{Repository: r.Name, SHA: sha, Service: service, Authored: r.Commits[sha].Authored})
				}
			}
		}
	}
	return out
}
