package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"fourfold/extract"
	"fourfold/extract/github"
	"fourfold/extract/incidentio"
	"fourfold/internal/config"
	"fourfold/internal/pipeline"
)

// sources are the configured sources that this program reads: incidents first, then deployments, then what files add. The function closes them.
func (a *app) sources() ([]pipeline.Source, func(), error) {
	if err := a.cfg.Use(append(a.cfg.SourceParts(), config.UseWarehouse, config.UsePrivacy)...); err != nil {
		return nil, nil, err
	}
	var out []pipeline.Source
	var closers []func()
	closeAll := func() {
		for _, f := range closers {
			f()
		}
	}
	if c := a.cfg.Sources.Incidentio; c != nil {
		s, stop, err := a.incidentio(c)
		if err != nil {
			return nil, nil, err
		}
		out, closers = append(out, s), append(closers, stop)
	}
	if c := a.cfg.Sources.GitHub; c != nil {
		s, stop, err := a.github(c)
		if err != nil {
			closeAll()
			return nil, nil, err
		}
		out, closers = append(out, s), append(closers, stop)
	}
	if c := a.cfg.Sources.Files; len(c) > 0 {
		out = append(out, a.files(c))
	}
	if len(out) == 0 {
		return nil, nil, usageError{errors.New("no source is configured: set INCIDENT_IO_API_KEY, or write fourfold.yaml with `fourfold init` and fill in sources")}
	}
	return out, closeAll, nil
}

func (a *app) incidentio(c *config.Incidentio) (pipeline.Source, func(), error) {
	// A key that is not set is a mistake in the configuration, and is said before anything is asked.
	key, err := c.APIKey.Reveal()
	if err != nil {
		return pipeline.Source{}, nil, err
	}
	a.redactor.Add(key)
	src, err := incidentio.New(incidentio.Options{
		BaseURL: string(c.BaseURL), APIKey: c.APIKey.Reveal, NoLimits: c.RateLimit == config.LimitOff, Overlap: c.Overlap.Duration,
		RefreshRecent: c.Refresh.Recent.Duration, RefreshOthers: c.Refresh.Others.Duration,
		PrivateIncidents: string(a.cfg.Privacy.PrivateIncidents), People: string(a.cfg.Privacy.People),
		Version: version, Logger: a.log, Redactor: a.redactor,
	})
	if err != nil {
		return pipeline.Source{}, nil, err
	}
	known := map[string]bool{}
	var names []string
	for _, s := range src.Streams() {
		known[s.Name] = true
		names = append(names, s.Name)
	}
	for _, name := range c.Streams {
		if !known[name] {
			src.Close()
			return pipeline.Source{}, nil, a.cfg.Unknown("sources.incidentio.streams", name, names)
		}
	}
	return pipeline.Source{
		Name: src.Name(), Streams: src.Streams(), Named: c.Streams, Since: c.Since.Time(), MaxDeletions: c.MaxDeletions.Fraction(),
		Requests: func(stream string) int64 { return src.Counts(stream).Requests }, Quotas: src.Quotas,
		Looks: []pipeline.Look{{Name: "key", At: func(ctx context.Context, _ extract.Input) (string, error) { return a.incidentioKey(ctx, src) }}},
	}, src.Close, nil
}

func (a *app) github(c *config.GitHub) (pipeline.Source, func(), error) {
	o := github.Options{
		APIURL: string(c.APIURL), GraphQLURL: string(c.GraphQLURL), GitURL: string(c.GitURL), Token: c.Token.Reveal,
		Budget: c.Budget.Fraction(), NoLimits: c.RateLimit == config.LimitOff, CommitsByAPI: c.Commits == config.CommitsByAPI,
		People: string(a.cfg.Privacy.People), DataDir: a.data(), Version: version, Logger: a.log, Redactor: a.redactor,
	}
	o.Needs, o.Wanted = pipeline.Needs(a.cfg)
	if c.App != nil {
		o.App = &github.App{ID: c.App.ID, InstallationID: c.App.InstallationID, PrivateKey: c.App.PrivateKey.Reveal}
	} else {
		token, err := c.Token.Reveal()
		if err != nil {
			return pipeline.Source{}, nil, err
		}
		a.redactor.Add(token)
	}
	for _, r := range c.Repositories {
		one := github.Repository{Name: string(r.Name), Archived: r.Archived, Forks: r.Forks}
		for _, pattern := range r.Exclude {
			one.Exclude = append(one.Exclude, string(pattern))
		}
		o.Repositories = append(o.Repositories, one)
	}
	src, err := github.New(o)
	if err != nil {
		return pipeline.Source{}, nil, err
	}
	return pipeline.Source{
		Name: src.Name(), Streams: src.Streams(), Since: c.Since.Time(), MaxDeletions: c.MaxDeletions.Fraction(),
		Requests: func(stream string) int64 { return src.Counts(stream).Requests }, Quotas: src.Quotas,
		Looks: []pipeline.Look{{Name: "git", At: func(ctx context.Context, in extract.Input) (string, error) {
			repository, err := src.LookAtGit(ctx, in)
			if repository == "" {
				return "nothing is read by git", err
			}
			return repository + " may be read", err
		}}},
	}, src.Close, nil
}

// incidentioKey says who a key is and what it sees.
func (a *app) incidentioKey(ctx context.Context, src *incidentio.Source) (string, error) {
	id, err := src.Check(ctx)
	if err != nil {
		return "", err
	}
	private := "does not see private incidents"
	if id.SeesPrivate() {
		private = "sees private incidents"
	}
	if policy := a.cfg.Privacy.PrivateIncidents; policy != config.ExcludePrivate && !id.SeesPrivate() {
		return "", fmt.Errorf("the key %q may not see private incidents, and privacy.private_incidents is %s: give it the role global_access, or write exclude", id.Name, policy)
	}
	return fmt.Sprintf("%q with the roles %s, which %s", id.Name, strings.Join(id.Roles, ", "), private), nil
}
