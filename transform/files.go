package transform

// The raw tables of files: an earlier tool's history, another deployment system. A record is made of a row of a file:
// its columns by our names, instants as RFC 3339 in UTC, and where it stood. A row that moves to another line stays the
// version that it was; one that moves to another file does not, since a file that has not changed is not read again and
// its rows are known by its name.

// FilesIncidents is one row per version of an incident that a file has.
var FilesIncidents = declare(&Table{
	Name: "files_incidents", Source: "files", Stream: "incidents",
	Doc: "Incidents from files.",
	Columns: []Column{
		text("reference", "The number people use.", "reference"),
		text("name", "Title of the incident.", "name"),
		text("permalink", "Its address.", "permalink"),
		text("mode", "standard, retrospective, test or tutorial; standard where the file says nothing.", "mode"),
		text("visibility", "public or private; public where the file says nothing.", "visibility"),
		text("severity", "Name of the severity.", "severity"),
		integer("severity_rank", "Rank of the severity; a higher rank is more severe.", "severity_rank"),
		text("incident_type", "Name of the incident type.", "incident_type"),
		text("status", "Name of the status.", "status"),
		text("status_category", "Category of the status: triage, live, paused, learning, closed, declined, merged, canceled.", "status_category"),
		text("lead", "Name of the person in the lead, as the privacy policy allows.", "lead", "name"),
		projection("services", "Names of the services that it affected, a JSON array.", asReceived("services")),
		must(instant("created_at", "When it was declared, UTC.", "created_at")),
		instant("started_at", "Its start (I4), UTC; null where the timestamps are to say.", "started_at"),
		instant("reported_at", "When it was reported, UTC.", "reported_at"),
		instant("impact_started_at", "When the impact started, UTC.", "impact_started_at"),
		instant("acknowledged_at", "When it was accepted, UTC.", "acknowledged_at"),
		instant("restored_at", "Its end (I6), UTC; null where the timestamps are to say, and while it lasts.", "restored_at"),
		instant("closed_at", "When it was closed, UTC.", "closed_at"),
		must(text("file", "The file, relative to the configuration's folder.", "file")),
		integer("line", "Line, or in a Parquet file the row, from 1.", "line"),
	},
	Volatile: []string{"line"},
	Kept: []string{
		"id", "reference", "mode", "visibility", "severity", "severity_rank", "incident_type", "status", "status_category", "permalink",
		"services", "created_at", "started_at", "reported_at", "impact_started_at", "acknowledged_at", "restored_at", "closed_at", "file", "line",
	},
	Placeholder: map[string]string{"name": "(private)"},
})

// FilesDeployments is one row per version of a deployment that a file has.
var FilesDeployments = declare(&Table{
	Name: "files_deployments", Source: "files", Stream: "deployments",
	Doc: "Deployments from files.",
	Columns: []Column{
		must(text("service", "The service that was deployed.", "service")),
		text("repository", "The repository, acme/api; null where the file does not say.", "repository"),
		must(text("environment", "The environment; production where the file says nothing.", "environment")),
		text("sha", "The commit that was deployed; null where the file does not say.", "sha"),
		text("ref", "The branch or tag that was deployed.", "ref"),
		must(text("status", "success, failure, error, in_progress, queued, pending, waiting or inactive, in lower case; success where the file says nothing and it has finished.", "status")),
		text("url", "Its address.", "url"),
		instant("created_at", "When it began, UTC.", "created_at"),
		instant("finished_at", "When it ended, UTC; null until then.", "finished_at"),
		projection("fields", "The whole row of the file by the file's own names, a JSON object: where a rule's group is found.", asReceived("fields")),
		must(text("file", "The file, relative to the configuration's folder.", "file")),
		integer("line", "Line, or in a Parquet file the row, from 1.", "line"),
	},
	Volatile: []string{"line"},
})

// Files lists the tables that are read from files.
var Files = []*Table{FilesIncidents, FilesDeployments}
