// Package propose makes a first configuration out of what incident.io and GitHub show to the keys at hand: repositories,
// production environments, services and the values that name them, teams, timestamps, the field for causes. It gives
// the commented example with these in their places, each with where it came from, so that a first configuration is
// edited and not written. It reads definitions and the newest deployments, no incident; it writes nothing anywhere, and
// no key is in what it gives.
package propose

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"fourfold/extract"
	"fourfold/extract/github"
	"fourfold/extract/incidentio"
	"fourfold/internal/config"
)

// The addresses that a configuration has unless it says otherwise.
const (
	DefaultIncidentioURL = "https://api.incident.io"
	DefaultAPIURL        = "https://api.github.com/"
	DefaultGraphQLURL    = "https://api.github.com/graphql"
	DefaultGitURL        = "https://github.com/"
)

// patience is how long one source is asked for at most.
const patience = 2 * time.Minute

// Options say whom to ask. A source without a key is not asked.
type Options struct {
	IncidentioKey, GitHubToken string
	IncidentioURL              string
	APIURL, GraphQLURL, GitURL string
	Owners                     []string // of repositories; none: whatever the token sees
	Today                      time.Time
	Version                    string
	Logger                     *slog.Logger
	Redactor                   *extract.Redactor
}

// Proposal is a configuration file, and how it came about.
type Proposal struct {
	File []byte
	// Found says in words what was found, a line for each source that answered.
	Found []string
	// Failed are the sources that could not be asked; the file says so too.
	Failed []error
}

// Make asks and proposes. It fails only if its context ends: what cannot be asked is left as in the example.
func Make(ctx context.Context, o Options) (*Proposal, error) {
	setDefaults(&o)
	out := &Proposal{}
	var incidents *account
	var code *codebase
	var incidentsErr, codeErr error
	if o.IncidentioKey != "" {
		incidents, incidentsErr = askIncidentio(ctx, o)
	}
	if o.GitHubToken != "" {
		code, codeErr = askGitHub(ctx, o)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for _, err := range []error{incidentsErr, codeErr} {
		if err != nil {
			out.Failed = append(out.Failed, err)
		}
	}
	f := newFile(config.Example())
	f.head(o, incidents, code)
	f.incidentio(o, incidents, incidentsErr, o.IncidentioKey == "" && code != nil && len(code.entries()) > 0)
	f.github(o, code, codeErr)
	f.services(newServices(code, incidents))
	f.metrics(incidents)
	if f.err != nil {
		return nil, f.err
	}
	out.File = f.bytes()
	if incidents != nil {
		out.Found = append(out.Found, incidents.words())
	}
	if code != nil {
		out.Found = append(out.Found, code.words())
	}
	return out, nil
}

func setDefaults(o *Options) {
	if o.IncidentioURL == "" {
		o.IncidentioURL = DefaultIncidentioURL
	}
	if o.APIURL == "" {
		o.APIURL = DefaultAPIURL
	}
	graph, git := beside(o.APIURL)
	if o.GraphQLURL == "" {
		o.GraphQLURL = graph
	}
	if o.GitURL == "" {
		o.GitURL = git
	}
	if o.Redactor == nil {
		o.Redactor = &extract.Redactor{}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
}

// within bounds what one source may take; what ran out of it is said in words.
func within(ctx context.Context, what string, f func(context.Context) error) error {
	inner, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := f(inner)
	if err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s did not answer everything within %s: %w", what, patience, err)
	}
	return err
}

func askIncidentio(ctx context.Context, o Options) (*account, error) {
	src, err := incidentio.New(incidentio.Options{
		BaseURL: o.IncidentioURL, APIKey: func() (string, error) { return o.IncidentioKey, nil }, Version: o.Version, Logger: o.Logger, Redactor: o.Redactor,
	})
	if err != nil {
		return nil, err
	}
	defer src.Close()
	var a *account
	err = within(ctx, "incident.io", func(ctx context.Context) (err error) {
		a, err = readAccount(ctx, src)
		return err
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

func askGitHub(ctx context.Context, o Options) (*codebase, error) {
	src, err := github.New(github.Options{
		APIURL: o.APIURL, GraphQLURL: o.GraphQLURL, GitURL: o.GitURL, Token: func() (string, error) { return o.GitHubToken, nil },
		Version: o.Version, Logger: o.Logger, Redactor: o.Redactor,
	})
	if err != nil {
		return nil, err
	}
	defer src.Close()
	var c *codebase
	err = within(ctx, "GitHub", func(ctx context.Context) (err error) {
		c, err = readCodebase(ctx, src, o)
		return err
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}
