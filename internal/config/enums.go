package config

import (
	"log/slog"
	"time"
)

// An enum is a text that is one of a few words. Words are read without case and kept as listed.
type enum interface{ values() []string }

// WeekStart is the first day of a week.
type WeekStart string

// The days a week may begin with.
const (
	Monday WeekStart = "monday"
	Sunday WeekStart = "sunday"
)

func (WeekStart) values() []string { return words(Monday, Sunday) }

// Weekday is the day in Go's terms.
func (w WeekStart) Weekday() time.Weekday {
	if w == Sunday {
		return time.Sunday
	}
	return time.Monday
}

// WarehouseType is the engine.
type WarehouseType string

// The engines there are.
const (
	DuckDB   WarehouseType = "duckdb"
	BigQuery WarehouseType = "bigquery"
)

func (WarehouseType) values() []string { return words(DuckDB, BigQuery) }

// PrivateIncidents says what becomes of private incidents (I3).
type PrivateIncidents string

// ExcludePrivate stores nothing of them, RedactPrivate counts them without text or people, IncludePrivate keeps them as
// they are.
const (
	ExcludePrivate PrivateIncidents = "exclude"
	RedactPrivate  PrivateIncidents = "redact"
	IncludePrivate PrivateIncidents = "include"
)

func (PrivateIncidents) values() []string {
	return words(ExcludePrivate, RedactPrivate, IncludePrivate)
}

// People says what is kept of names and addresses of people.
type People string

// HashPeople keeps a keyed hash, IncludePeople the plain text, DropPeople nothing.
const (
	HashPeople    People = "hash"
	IncludePeople People = "include"
	DropPeople    People = "drop"
)

func (People) values() []string { return words(HashPeople, IncludePeople, DropPeople) }

// RateLimit says whether a source's documented limits are kept to.
type RateLimit string

// LimitOff is for a server without limits.
const (
	LimitDocumented RateLimit = "documented"
	LimitOff        RateLimit = "off"
)

func (RateLimit) values() []string { return words(LimitDocumented, LimitOff) }

// CommitsBy is the way commits are read.
type CommitsBy string

// The ways commits are read.
const (
	CommitsByGit CommitsBy = "git"
	CommitsByAPI CommitsBy = "api"
)

func (CommitsBy) values() []string { return words(CommitsByGit, CommitsByAPI) }

// FileKind is what the rows of a file are.
type FileKind string

// The kinds of rows.
const (
	FileIncidents   FileKind = "incidents"
	FileDeployments FileKind = "deployments"
)

func (FileKind) values() []string { return words(FileIncidents, FileDeployments) }

// DeploymentFrom is what is taken for a deployment.
type DeploymentFrom string

// The things that can be taken for a deployment.
const (
	FromDeployments  DeploymentFrom = "deployments"
	FromWorkflowRuns DeploymentFrom = "workflow_runs"
	FromTags         DeploymentFrom = "tags"
	FromReleases     DeploymentFrom = "releases"
	FromPullRequests DeploymentFrom = "pull_requests"
	FromFiles        DeploymentFrom = "files"
)

func (DeploymentFrom) values() []string {
	return words(FromDeployments, FromWorkflowRuns, FromTags, FromReleases, FromPullRequests, FromFiles)
}

// AttributeBy is the time that puts a restoration into a period.
type AttributeBy string

// The times that can put a restoration into a period.
const (
	ByRestoredAt AttributeBy = "restored_at"
	ByStartedAt  AttributeBy = "started_at"
)

func (AttributeBy) values() []string { return words(ByRestoredAt, ByStartedAt) }

// Mode is an incident's mode.
type Mode string

// The modes incidents have.
const (
	ModeStandard      Mode = "standard"
	ModeRetrospective Mode = "retrospective"
	ModeTest          Mode = "test"
	ModeTutorial      Mode = "tutorial"
	ModeStream        Mode = "stream"
)

func (Mode) values() []string {
	return words(ModeStandard, ModeRetrospective, ModeTest, ModeTutorial, ModeStream)
}

// Unattributed says what an incident that names no service may be linked to (L3).
type Unattributed string

// The things such an incident may be linked to.
const (
	UnattributedNone Unattributed = "none"
	UnattributedAny  Unattributed = "any"
)

func (Unattributed) values() []string { return words(UnattributedNone, UnattributedAny) }

// Language is the web page's.
type Language string

// The languages there are.
const (
	English  Language = "en"
	Japanese Language = "ja"
)

func (Language) values() []string { return words(English, Japanese) }

// LogLevel is the least that is logged.
type LogLevel string

func (LogLevel) values() []string { return []string{"debug", "info", "warn", "error"} }

// Level is the level in slog's terms.
func (l LogLevel) Level() slog.Level {
	var level slog.Level
	if err := level.UnmarshalText([]byte(l)); err != nil {
		return slog.LevelInfo
	}
	return level
}

// LogFormat is the form of a log line.
type LogFormat string

// The forms there are.
const (
	LogText LogFormat = "text"
	LogJSON LogFormat = "json"
)

func (LogFormat) values() []string { return words(LogText, LogJSON) }

func words[T ~string](list ...T) []string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = string(w)
	}
	return out
}
