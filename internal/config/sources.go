package config

// Sources are where incidents and deployments are read from. A nil block is a source that is not used.
type Sources struct {
	Incidentio *Incidentio `yaml:"incidentio"`
	GitHub     *GitHub     `yaml:"github"`
	Files      []File      `yaml:"files"`
}

// Incidentio is incident.io's API.
type Incidentio struct {
	APIKey  Secret `yaml:"api_key" default:"${INCIDENT_IO_API_KEY}"`
	BaseURL URL    `yaml:"base_url" default:"https://api.incident.io"`
	// Since leaves out incidents created before it; the zero Date means everything.
	Since Date `yaml:"since"`
	// Streams are the only ones read; empty means all that the key may read.
	Streams      []string  `yaml:"streams"`
	Refresh      Refresh   `yaml:"refresh"`
	Overlap      Duration  `yaml:"overlap" default:"10m"`
	RateLimit    RateLimit `yaml:"rate_limit" default:"documented"`
	MaxDeletions Percent   `yaml:"max_deletions" default:"5%"`
}

// Refresh says when what can change without moving an incident's updated_at is read again.
type Refresh struct {
	Recent Duration `yaml:"recent,positive" default:"30d"` // incidents younger than this: in every sync
	Others Duration `yaml:"others,positive" default:"7d"`  // older ones: this often
}

// GitHub is GitHub's REST and GraphQL APIs and its git protocol.
type GitHub struct {
	APIURL     DirURL `yaml:"api_url" default:"https://api.github.com/"`
	GraphQLURL URL    `yaml:"graphql_url" default:"https://api.github.com/graphql"`
	GitURL     GitURL `yaml:"git_url" default:"https://github.com/"`
	// Token is unset when App is given.
	Token Secret `yaml:"token" default:"${GITHUB_TOKEN}"`
	App   *App   `yaml:"app"`
	// Since leaves out deployments created and pull requests merged before it; the zero Date means everything.
	Since Date `yaml:"since"`
	// Budget is the share of the token's hourly quota that may be spent.
	Budget       Percent      `yaml:"budget,positive" default:"50%"`
	Commits      CommitsBy    `yaml:"commits" default:"git"`
	RateLimit    RateLimit    `yaml:"rate_limit" default:"documented"`
	MaxDeletions Percent      `yaml:"max_deletions" default:"5%"`
	Repositories []Repository `yaml:"repositories"`
}

// App is a GitHub App's installation.
type App struct {
	ID             int64  `yaml:"id,required,positive" eg:"12345"`
	InstallationID int64  `yaml:"installation_id,required,positive" eg:"67890"`
	PrivateKey     Secret `yaml:"private_key,required" eg:"${file:github-app.pem}"` // PEM
}

// Repository is a repository, or those that a pattern matches.
type Repository struct {
	Name Glob `yaml:"name,required" eg:"acme/api"` // owner/name, or owner/pattern
	// Service names the services that live in it; empty means the last part of the repository's name.
	Service  []string `yaml:"service,one"`
	Exclude  []Glob   `yaml:"exclude"` // patterns on the last part of the name
	Archived bool     `yaml:"archived" default:"false"`
	Forks    bool     `yaml:"forks" default:"false"`
}

// File is a set of CSV, NDJSON, JSON or Parquet files: an earlier tool's history, or another deployment system.
type File struct {
	Path PathGlob `yaml:"path,required" eg:"history/*.csv"`
	Kind FileKind `yaml:"kind,required" eg:"incidents"`
	// Mapping gives, for a column of ours, the name that the file has for it. A column left out keeps its own name.
	Mapping map[string]string `yaml:"mapping"`
	// Timezone is that of times without an offset; the configured one unless given.
	Timezone Timezone `yaml:"timezone"`
	Service  string   `yaml:"service"` // of rows that name none
	// MaxDeletions is the share of the rows that may go from the files at once.
	MaxDeletions Percent `yaml:"max_deletions" default:"5%"`
}
