package config

// Config is fourfold.yaml. Each field is a key; `default` is what a key that is left out gets.
//
// Tag options: `required` must be given and not empty, `positive` must be above zero, `one` takes a single value in
// place of a list. `eg` is the example in an error.
type Config struct {
	// Timezone is where days, weeks and months begin. It stands first because dates below are read in it.
	Timezone  Timezone  `yaml:"timezone" default:"UTC"`
	WeekStart WeekStart `yaml:"week_start" default:"monday"`
	// Data is the data directory: mirrors, spool, builds, status. Absolute.
	Data      Path      `yaml:"data" default:"./data"`
	Warehouse Warehouse `yaml:"warehouse"`
	DBT       DBT       `yaml:"dbt"`
	Privacy   Privacy   `yaml:"privacy"`
	Sources   Sources   `yaml:"sources"`
	Services  []Service `yaml:"services"`
	Metrics   Metrics   `yaml:"metrics"`
	Schedule  Schedule  `yaml:"schedule"`
	Dashboard Dashboard `yaml:"dashboard"`
	Digest    Digest    `yaml:"digest"`
	Redash    Redash    `yaml:"redash"`
	Log       Log       `yaml:"log"`

	file    string         // as given to Load; "" without a file
	dir     string         // absolute folder that relative paths start from
	lines   map[string]int // line of each key and list item that the file gives
	pending []*Error       // references in optional parts that could not be resolved
	secrets []secretKey    // every secret, given or by default
}

// Warehouse says where ledgers and marts live. The keys from Project on are BigQuery's; DuckDB ignores them, so that one
// file can serve both with `type: ${WAREHOUSE}`.
type Warehouse struct {
	Type WarehouseType `yaml:"type" default:"duckdb"`
	// MemoryLimit and Threads bound DuckDB.
	MemoryLimit Bytes `yaml:"memory_limit,positive" default:"1GiB"`
	Threads     int   `yaml:"threads,positive" default:"2"`

	Project  string `yaml:"project"`
	Dataset  string `yaml:"dataset"` // base name; _raw, _build and _marts are appended
	Location string `yaml:"location"`
	// Credentials is the JSON of a service account's key; unset means application default credentials.
	Credentials Secret `yaml:"credentials"`
	Impersonate string `yaml:"impersonate"` // e-mail address of a service account
	// MaximumBytesBilled limits each query; 0 means no limit.
	MaximumBytesBilled Bytes             `yaml:"maximum_bytes_billed"`
	Labels             map[string]string `yaml:"labels"`
	PricePerTiB        float64           `yaml:"price_per_tib"` // in the user's currency; 0 means unknown
	Bucket             string            `yaml:"bucket"`        // for first loads beyond a given size
	// Endpoint is the bare base URL of an emulator, without credentials; empty means Google's.
	Endpoint URL `yaml:"endpoint"`
}

// DBT says how dbt is run.
type DBT struct {
	// Command is a name for PATH or, when it holds a slash, an absolute path. Empty means: look in the usual places.
	Command Command `yaml:"command"`
	Threads int     `yaml:"threads,positive" default:"2"`
}

// Privacy says what is kept of private incidents and of people.
type Privacy struct {
	PrivateIncidents PrivateIncidents `yaml:"private_incidents" default:"exclude"`
	People           People           `yaml:"people" default:"hash"`
	// HashKey keys the hash of people. Unset means the one that the first run made in the data directory.
	HashKey Secret `yaml:"hash_key"`
}

// Schedule is what `fourfold serve` runs by itself, in the configured time zone.
type Schedule struct {
	Run       Cron     `yaml:"run" default:"*/15 * * * *"`
	FullCheck Cron     `yaml:"full_check" default:"0 3 * * 0"`
	Digest    Cron     `yaml:"digest"`
	Jitter    Duration `yaml:"jitter" default:"30s"`
	Timeout   Duration `yaml:"timeout,positive" default:"1h"`
}

// Dashboard is the web page.
type Dashboard struct {
	Listen       Listen   `yaml:"listen" default:"127.0.0.1:8080"`
	Language     Language `yaml:"language" default:"en"`
	PublicURL    URL      `yaml:"public_url"`
	Auth         Auth     `yaml:"auth"`
	QueryTimeout Duration `yaml:"query_timeout,positive" default:"10s"`
	RowLimit     int      `yaml:"row_limit,positive" default:"10000"`
}

// Auth guards the web page. `auth: {}` asks for nothing. User and Password, which go together, are HTTP basic
// authentication; Token is a bearer token for programs. When both are given, either lets in.
type Auth struct {
	User     string `yaml:"user"`
	Password Secret `yaml:"password"`
	Token    Secret `yaml:"token"`
}

// Asked reports whether the page asks for authentication at all.
func (a Auth) Asked() bool { return a.Password.IsSet() || a.Token.IsSet() }

// Digest is where the digest goes. The addresses are secrets: who has one can post.
type Digest struct {
	Slack      Secret `yaml:"slack"`
	GoogleChat Secret `yaml:"google_chat"`
	Webhook    Secret `yaml:"webhook"`
}

// Redash is the server that `fourfold dashboards redash` provisions.
type Redash struct {
	URL        URL    `yaml:"url"`
	APIKey     Secret `yaml:"api_key"`
	DataSource string `yaml:"data_source"`
	// DuckDBCopy is where each build is copied for Redash, whose queries attach it by this path. Empty means nowhere.
	DuckDBCopy Path `yaml:"duckdb_copy"`
}

// Log is what goes to stderr.
type Log struct {
	Level  LogLevel  `yaml:"level" default:"info"`
	Format LogFormat `yaml:"format" default:"text"`
}

// File is the path of the file as it was given to Load, or "" when there is none.
func (c *Config) File() string { return c.file }

// Dir is the absolute folder that relative paths start from: the file's, or the current one without a file.
func (c *Config) Dir() string { return c.dir }

// Line is the line of a key, such as "metrics.restore.start" or "services[0].name", in the file; 0 when the file does
// not give it and the default holds.
func (c *Config) Line(key string) int { return c.lines[key] }

// Problem makes an error about a key that says where it stands, what is wrong and how to mend it.
func (c *Config) Problem(key, problem, fix string) *Error {
	return &Error{File: c.file, Line: c.lines[key], Key: key, Problem: problem, Fix: fix}
}

// Unknown makes the error for a key whose value names something that does not exist; it proposes the nearest known name.
func (c *Config) Unknown(key, name string, known []string) *Error {
	return c.Problem(key, quote(name)+" is not known", suggest(name, known))
}
