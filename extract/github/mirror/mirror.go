// Package mirror keeps the commits of repositories in bare partial clones, one for each repository, and reads them.
//
// A mirror holds commits and tags: it takes what branches, tags, pull requests and single commits reach, adds what is new at
// each fetch, and forgets nothing. Where it is to say which files a commit changed it holds trees too; files it never holds.
// It costs no API request. All work is done by the git program,
// 2.31 or newer, whose plumbing is told by the environment what it must know: the credentials are in no argument, no URL
// and no file, and so is what makes the clone a partial one. The mirror's own configuration names no remote, so a reader
// that misses an object finds nobody to ask for it, instead of asking a server for one object at a time.
//
// The package knows neither GitHub's API nor rows.
package mirror

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"fourfold/extract"
)

// Options say where mirrors are and whose they are.
type Options struct {
	Dir string // <data>/mirrors; made if it is not there
	URL string // what is above the repositories: https://github.com/, or file:///srv/git/
	// Credential gives the token for the next command; nil or "" asks without one.
	Credential func(context.Context) (string, error)
	Command    string // git unless set

	Redactor *extract.Redactor
	Logger   *slog.Logger
	Clock    extract.Clock
}

// Mirrors is the directory of all mirrors.
type Mirrors struct {
	opts   Options
	base   *url.URL
	git    program
	log    *slog.Logger
	rounds atomic.Int64
	enough census
}

// New looks for git and makes the directory. It connects to nothing.
func New(ctx context.Context, opts Options) (*Mirrors, error) {
	if opts.Redactor == nil {
		opts.Redactor = &extract.Redactor{}
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.Clock == nil {
		opts.Clock = extract.SystemClock{}
	}
	base, err := parseBase(opts.URL)
	if err != nil {
		return nil, opts.Redactor.Error(err)
	}
	dir, err := filepath.Abs(opts.Dir)
	if err != nil {
		return nil, err
	}
	opts.Dir = dir
	if err := os.MkdirAll(opts.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of mirrors: %w", err)
	}
	m := &Mirrors{opts: opts, base: base, enough: enough, log: slog.New(opts.Redactor.Handler(opts.Logger.Handler()))}
	if m.git, err = findGit(ctx, opts.Command, m.environment()); err != nil {
		return nil, err
	}
	return m, nil
}

// parseBase refuses an address that holds credentials: it would be in arguments that everybody on the machine can read.
func parseBase(address string) (*url.URL, error) {
	base, err := url.Parse(address)
	isFolder := err == nil && base.Scheme == "file" && base.Host == "" && filepath.IsAbs(base.Path)
	if err != nil || !isFolder && (base.Host == "" || base.Scheme != "http" && base.Scheme != "https") {
		return nil, fmt.Errorf("git's base URL %q: want http(s)://host/ or file:///folder/", address)
	}
	if base.User != nil {
		return nil, fmt.Errorf("git's base URL on %s holds a user or a password: put the token into sources.github.token instead", base.Host)
	}
	base.Path = strings.TrimSuffix(base.Path, "/") + "/"
	base.RawPath, base.RawQuery, base.Fragment = "", "", ""
	return base, nil
}

// Version is the version of git in use.
func (m *Mirrors) Version() string { return m.git.version }

// Rounds counts the commands that asked a server so far, retries included.
func (m *Mirrors) Rounds() int64 { return m.rounds.Load() }

// Mirror is one repository's mirror. It is not safe for concurrent use; different mirrors are.
type Mirror struct {
	all  *Mirrors
	id   string
	name string // owner/name at present
	dir  string // <id>.git
	lock *os.File
	log  *slog.Logger

	trees bool // are needed
}

// Open takes the mirror of a repository for this process. The id finds it, whatever the repository is called now; the
// name is where to fetch from. Nothing is fetched yet. Close gives it back.
func (m *Mirrors) Open(ctx context.Context, id, name string) (*Mirror, error) {
	if !plain(id) || name == "" || strings.HasPrefix(name, "-") {
		return nil, fmt.Errorf("no mirror can be kept of repository %q with the id %q", name, id)
	}
	r := &Mirror{
		all: m, id: id, name: name, dir: filepath.Join(m.opts.Dir, id+".git"),
		log: m.log.With("repository", name),
	}
	if err := r.take(ctx); err != nil {
		return nil, err
	}
	return r, nil
}

// plain reports whether a repository's id can be a file's name.
func plain(id string) bool {
	return id != "" && strings.Trim(id, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-") == ""
}

// url is where the repository is.
func (r *Mirror) url() string { return r.all.base.JoinPath(r.name + ".git").String() }

// part is where a clone is made before it becomes the mirror.
func (r *Mirror) part() string { return r.dir + ".part" }

func (r *Mirror) exists() bool {
	_, err := os.Stat(r.dir)
	return !errors.Is(err, os.ErrNotExist)
}
