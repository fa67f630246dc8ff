// Package github reads repositories, deployments with all their statuses, merged pull requests, commits, tags and, where
// they are wanted, releases and workflow runs from GitHub, by REST, GraphQL and the git protocol, each where it costs least.
//
// It yields objects as they came, put together where two APIs each know a part. It decides what to ask for and when:
// what is new, what may have changed without moving in a list, and what must be read whole so that deletions are
// noticed. Every stream's file says why it misses nothing. It writes nothing to GitHub and knows no warehouse.
//
// What the configuration does not name any more stays in the ledgers: a repository that left it, is gone, or cannot be
// seen keeps its rows, and a sweep passes them over. Which repositories count is for the build to say, since that can be
// taken back and a deletion cannot.
package github

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"fourfold/extract"
	"fourfold/transform"
)

// Options say how to read.
type Options struct {
	APIURL     string // https://api.github.com/ unless set
	GraphQLURL string // https://api.github.com/graphql unless set
	GitURL     string // https://github.com/ unless set
	// Token gives the token; it is asked before every request, so that one that was changed is used at once. Unused with
	// App.
	Token func() (string, error)
	App   *App
	// Budget is the share of the token's hourly quotas that may be spent, above 0 to 1; half unless set.
	Budget float64
	// NoLimits spends without a budget and at any pace, for a server without limits. Refusals are heeded all the same.
	NoLimits bool
	// CommitsByAPI asks GraphQL for what git tells otherwise.
	CommitsByAPI bool
	Repositories []Repository
	// Needs gives what is wanted of a repository besides what is read of each, by the name that it has now and by the entry of
	// Repositories that found it; nil is nothing. Wanted is what is wanted of any of them: a stream that nobody wants is not
	// there, so that it asks nothing.
	Needs  func(name, configured string) Needs
	Wanted Needs
	// People (hash, include, drop) is the privacy policy that rows are made under: a change of it means that everything
	// must be read again. It is applied by transform.
	People  string
	DataDir string // of mirrors, and of what was spent in this hour; "" keeps nothing

	Version   string // of the program, for the User-Agent
	Logger    *slog.Logger
	Clock     extract.Clock
	Redactor  *extract.Redactor
	Transport http.RoundTripper
}

// App is a GitHub App's installation.
type App struct {
	ID, InstallationID int64
	PrivateKey         func() (string, error) // PEM
}

// Repository names a repository, or those that a pattern matches.
type Repository struct {
	Name     string   // owner/name, or owner/pattern
	Exclude  []string // patterns on the last part of the name
	Archived bool     // take those that a pattern matches although they are archived
	Forks    bool     // take those that a pattern matches although they are forks
}

// Source reads some repositories of one GitHub server. It serves one run at a time.
type Source struct {
	opts      Options
	api       *api
	app       *installation // nil with a token
	allowance *extract.Allowance
	log       *slog.Logger

	resolved *resolution // of the last run
	probed   *probe      // of the last run
	noReview bool        // the server does not know reviews
	fetched  fetches     // of the last run
	sizes    sizes
	page     int // rows a page of REST
}

// New checks the options; it connects to nothing yet.
func New(opts Options) (*Source, error) {
	defaultTo(&opts.APIURL, "https://api.github.com/")
	defaultTo(&opts.GraphQLURL, "https://api.github.com/graphql")
	defaultTo(&opts.GitURL, "https://github.com/")
	defaultTo(&opts.Budget, 0.5)
	defaultTo(&opts.People, "hash")
	defaultTo(&opts.Version, "dev")
	if opts.Redactor == nil {
		opts.Redactor = &extract.Redactor{}
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.Clock == nil {
		opts.Clock = extract.SystemClock{}
	}
	if opts.Token == nil && opts.App == nil {
		return nil, errors.New("github: no credentials: set sources.github.token, or an app")
	}
	for _, r := range opts.Repositories {
		if err := r.check(); err != nil {
			return nil, fmt.Errorf("github: sources.github.repositories: %w", err)
		}
	}
	s := &Source{opts: opts, log: slog.New(opts.Redactor.Handler(opts.Logger.Handler())), sizes: newSizes(), page: perPage}
	if !opts.NoLimits {
		file := ""
		if opts.DataDir != "" {
			file = filepath.Join(opts.DataDir, "github", "spent.json")
		}
		s.allowance = extract.NewAllowance(opts.Budget, "sources.github.budget", file, opts.Clock)
	}
	if opts.App != nil {
		app, err := newInstallation(opts)
		if err != nil {
			return nil, fmt.Errorf("github: sources.github.app: %w", err)
		}
		s.app = app
	}
	a, err := newAPI(opts, s.authorization, s.allowance)
	if err != nil {
		return nil, fmt.Errorf("github: %w", err)
	}
	s.api = a
	return s, nil
}

func defaultTo[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// Name is the source's name in configuration, cursors and runs.
func (s *Source) Name() string { return "github" }

// Close ends idle connections and keeps what was spent.
func (s *Source) Close() {
	s.api.close()
	if s.app != nil {
		s.app.client.Close()
	}
	if err := s.allowance.Save(); err != nil {
		s.log.Warn("github: the budget is not kept", "error", err)
	}
}

// Counts gives what a stream has cost so far.
func (s *Source) Counts(stream string) extract.Counts {
	a, b := s.api.rest.Counts(stream), s.api.graph.Counts(stream)
	return extract.Counts{
		Requests: a.Requests + b.Requests, Retries: a.Retries + b.Retries, Limited: a.Limited + b.Limited,
		Points: a.Points + b.Points, Bytes: a.Bytes + b.Bytes, Waited: a.Waited + b.Waited,
	}
}

// Points are what a stream has spent of the hour's quotas.
type Points struct{ REST, GraphQL int64 }

// Points gives what a stream has spent so far, as the server priced it.
func (s *Source) Points(stream string) Points {
	return Points{s.api.rest.Counts(stream).Points, s.api.graph.Counts(stream).Points}
}

// Quotas gives what the server last said is left of the hour.
func (s *Source) Quotas() []extract.Quota {
	return append(s.api.rest.Quotas(), s.api.graph.Quotas()...)
}

// Streams gives every stream in the order in which they must run: commits follow what deployments and pull requests name.
func (s *Source) Streams() []extract.Stream {
	streams := []extract.Stream{
		{Name: "repositories", Table: transform.GithubRepositories, Read: s.readRepositories},
		{Name: "deployments", Table: transform.GithubDeployments, Read: s.readDeployments},
		{Name: "pull_requests", Table: transform.GithubPullRequests, Read: s.readPullRequests},
		{Name: "commits", Table: transform.GithubCommits, Read: s.readCommits},
		{Name: "tags", Table: transform.GithubTags, Read: s.readTags},
	}
	if s.opts.Wanted.Releases {
		streams = append(streams, extract.Stream{Name: "releases", Table: transform.GithubReleases, Read: s.readReleases})
	}
	if len(s.opts.Wanted.Workflows) > 0 {
		streams = append(streams, extract.Stream{Name: "workflow_runs", Table: transform.GithubWorkflowRuns, Read: s.readWorkflowRuns})
	}
	for i, st := range streams {
		streams[i].Read = s.named(st.Name, st.Read)
	}
	return streams
}

// named says in every error which stream it is about, and notes at the end what the stream has cost.
func (s *Source) named(stream string, read func(context.Context, extract.Input) iter.Seq2[extract.Page, error]) func(context.Context, extract.Input) iter.Seq2[extract.Page, error] {
	return func(ctx context.Context, in extract.Input) iter.Seq2[extract.Page, error] {
		return func(yield func(extract.Page, error) bool) {
			before := s.Points(stream)
			defer func() {
				after := s.Points(stream)
				s.log.Debug("points", "source", s.Name(), "stream", stream, "rest", after.REST-before.REST, "graphql", after.GraphQL-before.GraphQL)
			}()
			for page, err := range read(ctx, in) {
				if err != nil {
					partly := errors.Is(err, extract.ErrPartial)
					if err = s.opts.Redactor.Error(fmt.Errorf("github: read %s: %w", stream, err)); partly {
						err = extract.Partial(err)
					}
				}
				if !yield(page, err) || err != nil {
					return
				}
			}
		}
	}
}

// Credential gives the password for git over HTTPS; the user is x-access-token. It is asked for each connection, since
// an app's token lives for an hour.
func (s *Source) Credential(ctx context.Context) (string, error) {
	if s.app != nil {
		return s.app.token(ctx)
	}
	token, err := s.opts.Token()
	if err != nil {
		return "", fmt.Errorf("read sources.github.token: %w", s.opts.Redactor.Error(err))
	}
	if token = strings.TrimSpace(token); token == "" {
		return "", errors.New("sources.github.token is empty: make a token that may read contents, deployments, pull requests and metadata, and set it")
	}
	s.opts.Redactor.Add(token)
	return token, nil
}

func (s *Source) authorization(ctx context.Context) (string, error) {
	token, err := s.Credential(ctx)
	if err != nil {
		return "", err
	}
	return "Bearer " + token, nil
}

// sameRun reports whether something was found out in this run.
func sameRun(at time.Time, in extract.Input) bool { return !at.IsZero() && at.Equal(in.RunAt) }
