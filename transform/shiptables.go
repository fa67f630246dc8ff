package transform

import (
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
)

// Plain declares a table of a build that the program writes before dbt begins: rows, no versions, whole each time.
type Plain struct {
	Name    string
	Doc     string
	Columns []Column
}

func fact(name string, t Type, doc string) Column { return Column{Name: name, Type: t, Doc: doc} }

// What the walk over the commit graph says (package ship), and which services live where: rules C1, C6, D3 and D4. A
// group is a service, a repository and an environment.
var (
	ShipServices = &Plain{
		Name: "ship_services",
		Doc:  "Every service: the configured ones, and those that repositories have by default. One row a service.",
		Columns: []Column{
			must(fact("service", String, "The service.")),
			fact("team", String, "Its team; null where the configuration names none."),
		},
	}
	ShipRepositories = &Plain{
		Name: "ship_repositories",
		Doc:  "Which services live in a repository. One row a repository and service.",
		Columns: []Column{
			must(fact("repository_id", String, "Id of the repository.")),
			must(fact("repository", String, "Its present name, acme/api.")),
			must(fact("service", String, "A service that lives in it.")),
		},
	}
	ShipDeployments = &Plain{
		Name: "ship_deployments",
		Doc:  "What each deployment is to each service of its repository, in every environment. One row a deployment and service.",
		Columns: []Column{
			must(fact("deployment_id", String, "Our id: the source of the deployment and the source's own id, deployments:123.")),
			must(fact("source", String, "What it was taken from: deployments.")),
			must(fact("source_id", String, "The source's own id.")),
			must(fact("repository_id", String, "Id of the repository.")),
			must(fact("repository", String, "The repository's present name.")),
			must(fact("service", String, "The service.")),
			must(fact("environment", String, "The environment, in one spelling where names differ in case only.")),
			must(fact("is_production", Bool, "Whether a rule of the service takes the environment for production (D1).")),
			fact("position", Int64, "Which rule of the service did, from 1; null if none."),
			must(fact("is_success", Bool, "Whether it has had a success status.")),
			fact("kind", String, "baseline, forward, redeploy or rollback (D4); null unless it was live: it succeeded, its task was to deploy, and it is not transient."),
			fact("is_diverged", Bool, "Whether it is forward and does not descend from what was live; null unless it was live."),
			must(fact("is_known", Bool, "Whether its commit is in the graph.")),
			must(fact("follows_unknown", Bool, "Whether it is the first with a known commit after one with an unknown commit (C6).")),
			fact("previous_deployment_id", String, "The success before it in its group (D3)."),
			fact("culprit_deployment_id", String, "Of a rollback, the forward deployment that is to blame (D4); null if there is none."),
			fact("commits_shipped", Int64, "Commits that it shipped (C1) less merges (C2); null unless it was live."),
		},
	}
	ShippedCommits = &Plain{
		Name: "shipped_commits",
		Doc:  "The commits that each deployment was the first to bring to its environment (C1), without what the baseline reaches. One row a service, repository, environment and commit.",
		Columns: []Column{
			must(fact("service", String, "The service.")),
			must(fact("repository_id", String, "Id of the repository.")),
			must(fact("environment", String, "The environment.")),
			must(fact("sha", String, "The commit.")),
			must(fact("deployment_id", String, "The deployment that shipped it.")),
			must(fact("is_merge", Bool, "Whether it is a merge commit (C2).")),
		},
	}
	ShipPullRequests = &Plain{
		Name: "ship_pull_requests",
		Doc:  "What the graph says of each merged pull request. One row a pull request.",
		Columns: []Column{
			must(fact("pull_request_id", String, "Id of the pull request.")),
			must(fact("repository_id", String, "Id of the repository.")),
			fact("merge_kind", String, "merge, squash or rebase; null where its commit is unknown."),
			must(fact("is_known", Bool, "Whether its merge commit is in the graph.")),
			fact("first_commit_at", Instant, "Earliest authored time of the branch's own commits, UTC; null where they are unknown."),
			fact("commits", Int64, "Number of the branch's own commits less merges; null where they are unknown."),
		},
	}
	ShipCommitPullRequests = &Plain{
		Name: "ship_commit_pull_requests",
		Doc:  "Which pull request brought a commit to its base branch. One row a repository and commit.",
		Columns: []Column{
			must(fact("repository_id", String, "Id of the repository.")),
			must(fact("sha", String, "The commit.")),
			must(fact("pull_request_id", String, "The pull request.")),
		},
	}
	ShipBaselinePullRequests = &Plain{
		Name: "ship_baseline_pull_requests",
		Doc:  "Merged pull requests that a baseline reaches already: they were not shipped by any known deployment (C2). One row a group and pull request.",
		Columns: []Column{
			must(fact("service", String, "The service.")),
			must(fact("repository_id", String, "Id of the repository.")),
			must(fact("environment", String, "The environment.")),
			must(fact("pull_request_id", String, "The pull request.")),
		},
	}
	ShipBaselineCommits = &Plain{
		Name: "ship_baseline_commits",
		Doc:  "Commits that the baseline of one production environment of a service had before a deployment to another shipped them: no known deployment brought them there first (C2, C7). One row a service, repository and commit.",
		Columns: []Column{
			must(fact("service", String, "The service.")),
			must(fact("repository_id", String, "Id of the repository.")),
			must(fact("environment", String, "The environment of that baseline.")),
			must(fact("sha", String, "The commit.")),
		},
	}
)

// Ship lists the tables that the program writes into a build.
var Ship = []*Plain{
	ShipServices, ShipRepositories, ShipDeployments, ShippedCommits, ShipPullRequests, ShipCommitPullRequests, ShipBaselinePullRequests,
	ShipBaselineCommits,
}

// ArrowSchema is the schema of a batch of the table's rows.
func (p *Plain) ArrowSchema() *arrow.Schema {
	var fields []arrow.Field
	for _, c := range p.Columns {
		fields = append(fields, arrow.Field{Name: c.Name, Type: engineTypes[c.Type].arrow, Nullable: !c.Required})
	}
	return arrow.NewSchema(fields, nil)
}

// DuckDBDDL creates the table.
func (p *Plain) DuckDBDDL(schema string) string {
	var b strings.Builder
	b.WriteString("create table " + schema + "." + p.Name + " (")
	for i, c := range p.Columns {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n    " + c.Name + " " + c.DuckDBType())
		if c.Required {
			b.WriteString(" not null")
		}
	}
	b.WriteString("\n)")
	return b.String()
}
