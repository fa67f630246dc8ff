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
			must(fact("repository_id", String, "Id of the repository; files:NAME of one that only files know.")),
			must(fact("repository", String, "Its present name, acme/api.")),
			must(fact("service", String, "A service that lives in it.")),
			must(fact("has_paths", Bool, "Whether the service is only a part of it (C3): of its pull requests only those in ship_path_pull_requests are the service's.")),
		},
	}
	ShipDeployments = &Plain{
		Name: "ship_deployments",
		Doc:  "What each deployment is to each service, in every environment and from every source that the service takes deployments from; what is another report of one of them (D2) is its alias and no row. One row a deployment and service.",
		Columns: []Column{
			must(fact("deployment_id", String, "Our id: the source of the deployment and the source's own id, deployments:123.")),
			must(fact("source", String, "What it was taken from: deployments, releases, tags, workflow_runs, pull_requests or files.")),
			must(fact("source_id", String, "The source's own id: a number; of a tag acme/api@v1, of a pull request acme/api#12.")),
			must(fact("aliases", JSON, "The sources' own ids of all reports of it, its own first, a JSON array (D2).")),
			fact("group_id", String, "The group that it belongs to (D5); null where its rule names none or its row has nothing there."),
			must(fact("repository_id", String, "Id of the repository; files:NAME of one that only files know, files: of none.")),
			must(fact("repository", String, "The repository's present name; empty where a file names none.")),
			must(fact("service", String, "The service.")),
			must(fact("environment", String, "The environment, in one spelling where names differ in case only.")),
			must(fact("is_source", Bool, "Whether the service takes deployments from there at all; false of a file's row for a service without a rule from: files.")),
			must(fact("is_production", Bool, "Whether a rule of the service takes the environment for production (D1).")),
			fact("position", Int64, "Which rule of the service it came by, from 1; null if none."),
			must(fact("task", String, "What was done, in lower case; deploy of all sources but deployments.")),
			must(fact("is_transient", Bool, "Whether the source says that the environment is to go again.")),
			fact("sha", String, "The commit in lower case; null where nobody knows it."),
			fact("ref", String, "The branch, tag or commit that was asked for."),
			fact("url", String, "Its address."),
			fact("created_at", Instant, "When it began, UTC."),
			fact("finished_at", Instant, "When it first succeeded (D1), UTC; null if it never did."),
			must(fact("status", String, "success once it has succeeded; else the source's own last word in lower case: failure, error, in_progress, queued, pending, waiting, inactive, cancelled and others.")),
			fact("kind", String, "baseline, forward, redeploy or rollback (D4); null unless it was live: it succeeded, its task was to deploy, and it is not transient."),
			fact("is_diverged", Bool, "Whether it is forward and does not descend from what was live; null unless it was live."),
			must(fact("is_known", Bool, "Whether its commit is in the graph.")),
			must(fact("follows_unknown", Bool, "Whether it is the first with a known commit after one with an unknown commit (C6).")),
			fact("previous_deployment_id", String, "The success before it in its group of service, repository and environment (D3)."),
			fact("culprit_deployment_id", String, "Of a rollback, the forward deployment that is to blame (D4); null if there is none."),
			fact("commits_shipped", Int64, "Commits of the service that it shipped (C1, C3) less merges (C2); null unless it was live."),
		},
	}
	ShipDeploymentNames = &Plain{
		Name: "ship_deployment_names",
		Doc:  "Every name by which a person may mean a deployment (L1), aliases included: ids, and addresses without what follows ? or #. All in lower case. One row a name, deployment and service.",
		Columns: []Column{
			must(fact("name", String, "The name: 123, deployments:123, https://api.github.com/repos/acme/api/deployments/123.")),
			must(fact("deployment_id", String, "The deployment; of an alias the one that survived.")),
			must(fact("service", String, "The service.")),
		},
	}
	ShippedCommits = &Plain{
		Name: "shipped_commits",
		Doc:  "The commits that each deployment was the first to bring to its environment (C1), without what the baseline reaches; of a service with paths only those that touch them, and no merges (C3). One row a service, repository, environment and commit.",
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
	ShipPathPullRequests = &Plain{
		Name: "ship_path_pull_requests",
		Doc:  "Of services with paths, the pull requests that touch them (C3). One row a service and pull request.",
		Columns: []Column{
			must(fact("service", String, "The service.")),
			must(fact("repository_id", String, "Id of the repository.")),
			must(fact("pull_request_id", String, "The pull request.")),
		},
	}
	ShippedPullRequests = &Plain{
		Name: "shipped_pull_requests",
		Doc:  "The deployment that was the first to bring the merge commit of a service's pull request to an environment (C1, C4). One row a service, environment and pull request.",
		Columns: []Column{
			must(fact("service", String, "The service.")),
			must(fact("repository_id", String, "Id of the repository.")),
			must(fact("environment", String, "The environment.")),
			must(fact("pull_request_id", String, "The pull request.")),
			must(fact("deployment_id", String, "The deployment that shipped it.")),
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
		Doc:  "Commits that the baseline of a production environment of a service had, of those that some service's baseline had before a deployment to another production environment shipped them: nobody knows when they came there (C2, C7, L2). One row a service, repository, environment and commit.",
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
	ShipServices, ShipRepositories, ShipDeployments, ShipDeploymentNames, ShippedCommits, ShipPullRequests, ShipCommitPullRequests,
	ShipPathPullRequests, ShippedPullRequests, ShipBaselinePullRequests, ShipBaselineCommits,
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
