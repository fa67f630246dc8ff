// Package web is the dashboard that `fourfold serve` shows: pages rendered on the server with html/template, charts in
// SVG of our own, one style sheet, no script. It reads the marts of the published build through a Querier and knows no
// engine. It defines no metric, writes nothing, and asks no other host for anything.
//
// The same build and the same address give the same bytes.
package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"fourfold/dashboards"
)

// ErrNoBuild is what a Querier gives before the first build; the page then says how to make one.
var ErrNoBuild = errors.New("nothing has been built yet")

// Table is the answer to a query. Values are nil, bool, int64, float64, string or time.Time in UTC; a date is a string
// like 2026-11-25.
type Table struct {
	Columns []string
	Rows    [][]any
}

// Querier reads published marts.
type Querier interface {
	// Published gives the id of the build that readers are to see now, or an error that is ErrNoBuild.
	Published(ctx context.Context) (string, error)
	// Query runs one SELECT, with positional parameters, over the marts of one build.
	Query(ctx context.Context, build, sql string, args ...any) (*Table, error)
}

// Auth guards the dashboard; the zero value asks for nothing. User and Password go together and are HTTP basic
// authentication, Token is a bearer token; either lets in. /healthz is always open.
type Auth struct {
	User, Password, Token string
}

// Goal is what a metric should at most be, or at least, in the metric's unit.
type Goal struct {
	Metric string
	Limit  float64
	Least  bool
}

// Options are what the dashboard needs. The time zone and the first day of the week come with the build.
type Options struct {
	Querier      Querier
	Engine       dashboards.Engine
	Language     string        // en or ja; ?lang= overrules it
	Auth         Auth          //
	QueryTimeout time.Duration // of one query, while it runs; 10 s if zero
	AtOnce       int           // queries that run at a time; 0 is as many as are asked
	RowLimit     int           // of any one query; 10,000 if zero
	Goals        []Goal        // what metrics are to be, said and drawn beside what they are
	Version      string        // of the program
	People       bool          // show panels about single persons
	PublicURL    string        // address under which people reach the page, "" if unknown
	Logger       *slog.Logger  // errors that a visitor is not shown; slog.Default() if nil
	Status       func() any    // what /api/status answers, as JSON; nil: there is no such address

	now func() time.Time // the clock of /metrics
}

// server answers requests. It is safe for concurrent use.
type server struct {
	Options
	pages    *pages
	store    *store
	rendered *rendered
	requests *requestCounts
}

// version names what of the options changes a page, and the program, whose code does.
func (o Options) version() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %v %t %d %q %q", o.Version, o.Goals, o.People, o.RowLimit, o.PublicURL, o.Language))
	return hex.EncodeToString(sum[:6])
}

// New gives the dashboard's handler. It fails on options that cannot work.
func New(o Options) (*Dashboard, error) {
	if o.Querier == nil {
		return nil, errors.New("web: no Querier")
	}
	if o.QueryTimeout <= 0 {
		o.QueryTimeout = 10 * time.Second
	}
	if o.RowLimit <= 0 {
		o.RowLimit = 10_000
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.now == nil {
		o.now = time.Now
	}
	if (o.Auth.User == "") != (o.Auth.Password == "") {
		return nil, errors.New("web: dashboard.auth: user and password go together; set both or neither")
	}
	p, err := loadPages(o.Language, o.PublicURL, o.People)
	if err != nil {
		return nil, err
	}
	p.version += o.version()
	st, err := newStore(o.Querier, o.Engine, o.QueryTimeout, o.AtOnce)
	if err != nil {
		return nil, err
	}
	s := &server{Options: o, pages: p, store: st, rendered: newRendered(renderedBytes), requests: newRequestCounts()}
	return &Dashboard{s.routes(), s}, nil
}

// routes maps addresses to what answers them.
func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	guarded := func(pattern, route string, h http.HandlerFunc) {
		mux.Handle("GET "+pattern, s.counted(route, s.authenticated(h)))
	}
	guarded("/{$}", "page", s.serveBoard)
	guarded("/{board}", "page", s.serveBoard)
	guarded("/{board}/{$}", "page", s.serveWithoutSlash)
	guarded("/panels/{key}", "panel page", s.servePanelPage)
	guarded("/incidents/{id}", "incident", s.serveIncident)
	guarded("/deployments/{id}", "deployment", s.serveDeployment)
	guarded("/api/incidents/{file}", "incident", s.serveIncidentRows)
	guarded("/api/deployments/{file}", "deployment", s.serveDeploymentRows)
	guarded("/api/panels/{file}", "panel", s.servePanel)
	guarded("/assets/{file}", "asset", s.serveAsset)
	guarded("/metrics", "metrics", s.serveMetrics)
	if s.Status != nil {
		guarded("/api/status", "status", s.serveStatus)
	}
	mux.Handle("GET /healthz", s.counted("healthz", http.HandlerFunc(s.serveHealth)))
	guarded("/", "other", s.serveNotFound)
	return secured(onlyReading(mux))
}
