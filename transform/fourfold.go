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

// Reconciliations is the ledger of comparisons between what a source has and what has landed of it.
var Reconciliations = declare(&Table{
	Name: "reconciliations", Source: "fourfold", Stream: "reconciliations", UpdatedAt: "checked_at",
	Doc: "Comparisons of a stream's whole source with its ledger, made by doctor --data; an object is a stream.",
	Columns: []Column{
		must(text("source", "The source.", "source")),
		must(text("stream", "The stream.", "stream")),
		must(text("table_name", "The raw table that it fills.", "table_name")),
		must(instant("checked_at", "The clock of the comparison, UTC.", "checked_at")),
		integer("source_count", "Objects that the source gave; null where it could not be read to its end.", "source_count"),
		integer("ledger_count", "Objects that are live in the ledger, of what the source was asked for.", "ledger_count"),
		integer("missing_count", "Of the source's, those that are not live in the ledger and are neither set aside nor withheld.", "missing_count"),
		integer("extra_count", "Of the ledger's, those that the source does not have; null where that cannot be told.", "extra_count"),
		integer("changed_count", "Those that are another version in the ledger.", "changed_count"),
		integer("newer_count", "Of the missing and changed ones, those that changed at the source after the stream was last read.", "newer_count"),
		integer("set_aside_count", "Of the source's, those that are set aside.", "set_aside_count"),
		integer("withheld_count", "Of the source's, those that the privacy policy keeps out.", "withheld_count"),
		projection("examples", "Ids of some that are missing, extra or changed: kind and id.", asReceived("examples")),
		text("error", "Why the source could not be read to its end.", "error"),
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
func All() []*Table {
	return slices.Concat(Incidentio, Github, Files, []*Table{Rejected, Reconciliations})
}
