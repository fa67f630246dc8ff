package transform

import "slices"

// Rejected is the ledger of what was set aside: objects that lack what their table needs, and values that do not fit.
var Rejected = declare(&Table{
	Name: "rejected", Source: "fourfold", Stream: "rejected",
	Doc: "Objects that were set aside, and values that were left out, each with the reason.",
	Columns: []Column{
		must(text("table_name", "The raw table that it was for.", "table_name")),
		text("object_id", "The object's id at the source; null where it has none.", "object_id"),
		text("column_name", "The column that could not be filled; null where the object could not be read.", "column_name"),
		must(text("reason", "What is wrong with it.", "reason")),
		must(boolean("landed", "True where the rest of the object landed with this column null.", "landed")),
	},
})

// RunsColumns are the columns of the table runs: one row for each stream of each run, written when it ends.
var RunsColumns = []Column{
	{Name: "run_id", Type: String, Doc: "The run.", Required: true},
	{Name: "observed_at", Type: Instant, Doc: "The run's clock, UTC: the _observed_at of its rows.", Required: true},
	{Name: "source", Type: String, Doc: "The source.", Required: true},
	{Name: "stream", Type: String, Doc: "The stream.", Required: true},
	{Name: "table_name", Type: String, Doc: "The raw table that it fills.", Required: true},
	{Name: "started_at", Type: Instant, Doc: "When the stream began, UTC.", Required: true},
	{Name: "finished_at", Type: Instant, Doc: "When it ended, UTC.", Required: true},
	{Name: "status", Type: String, Doc: "ok, partial (what could be read was read to its end), failed or skipped.", Required: true},
	{Name: "error", Type: String, Doc: "Why it failed or was skipped."},
	{Name: "is_full", Type: Bool, Doc: "Whether everything in scope was read.", Required: true},
	{Name: "rows_read", Type: Int64, Doc: "Objects that the source gave.", Required: true},
	{Name: "versions_added", Type: Int64, Doc: "Versions that were new.", Required: true},
	{Name: "tombstones", Type: Int64, Doc: "Objects that had gone.", Required: true},
	{Name: "rejected", Type: Int64, Doc: "Objects set aside.", Required: true},
	{Name: "requests", Type: Int64, Doc: "Requests made.", Required: true},
}

// All lists every ledger.
func All() []*Table { return slices.Concat(Incidentio, Github, Files, []*Table{Rejected}) }
