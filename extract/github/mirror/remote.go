package mirror

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fourfold/extract"
)

// Patience with a server.
const (
	attempts       = 5
	firstBackoff   = time.Second
	longestBackoff = 30 * time.Second
)

// promisor tells git that what is missing was left out on purpose.
func (r *Mirror) promisor() []setting {
	return []setting{{"remote.origin.promisor", "true"}, {"remote.origin.partialclonefilter", r.filter()}}
}

// remote is the environment of a git that talks to the server: where the mirror in dir comes from (a clone is told by
// argument), what is left out, and who asks. A token is
// for one host: redirects are not followed, for git would send the header to wherever it is sent.
func (r *Mirror) remote(ctx context.Context, dir string) ([]string, error) {
	config := append([]setting{
		{"protocol.version", "2"},
		{"fetch.recurseSubmodules", "false"},
		{"fetch.writeCommitGraph", "false"},
		{"http.followRedirects", "false"},
		{"http.lowSpeedLimit", "1"},
		{"http.lowSpeedTime", "90"},
		{"credential.helper", ""},
	}, r.promisor()...)
	if dir != "" {
		config = append(config, setting{"remote.origin.url", r.url()})
	}
	allowed := "http:https"
	if r.all.base.Scheme == "file" {
		allowed = "file"
	} else if r.all.opts.Credential != nil {
		token, err := r.all.opts.Credential(ctx)
		if err != nil {
			return nil, fmt.Errorf("get the token for git of %s: %w", r.name, r.all.opts.Redactor.Error(err))
		}
		if token = strings.TrimSpace(token); token != "" {
			pair := "x-access-token:" + token
			r.all.opts.Redactor.Add(token)
			r.all.opts.Redactor.Add(pair) // its base64 too
			config = append(config, setting{
				"http." + r.all.base.Scheme + "://" + r.all.base.Host + "/.extraheader",
				"Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(pair)),
			})
		}
	}
	return append(settings(config...), "GIT_ALLOW_PROTOCOL="+allowed), nil
}

// ask runs a git that talks to the server, and again after what may pass. Each attempt begins with prepare.
func (r *Mirror) ask(ctx context.Context, dir, stdin string, prepare func() error, args ...string) error {
	var waited time.Duration
	for attempt := 1; ; attempt++ {
		if err := prepare(); err != nil {
			return err
		}
		config, err := r.remote(ctx, dir)
		if err != nil {
			return err
		}
		r.all.rounds.Add(1)
		if _, err = r.run(ctx, dir, config, strings.NewReader(stdin), args...); err == nil {
			return nil
		}
		if ctx.Err() != nil || kindOf(err) != transient {
			return err
		}
		if attempt == attempts {
			return &extract.GaveUpError{Attempts: attempt, Waited: waited, Last: err}
		}
		wait := min(longestBackoff, firstBackoff<<(attempt-1))
		wait = wait/2 + rand.N(wait/2+1)
		r.log.Debug("asking again", "stream", "commits", "attempt", attempt, "wait", wait.Round(time.Millisecond), "error", err)
		if err := r.all.opts.Clock.Sleep(ctx, wait); err != nil {
			return fmt.Errorf("git %s of %s: %w", args[0], r.name, err)
		}
		waited += wait
	}
}

// refspecs are what a mirror follows: branches, tags and the heads of pull requests, which hold the commits that a squash
// leaves behind. Everything is taken as it is now, forced or not.
var refspecs = []string{"+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*", "+refs/pull/*/head:refs/pull/*/head"}

// Fetch brings the mirror up to date in one round, making it if there is none. A mirror that turns out to be damaged is
// made anew, and it is said.
func (r *Mirror) Fetch(ctx context.Context) error {
	if !r.exists() {
		return r.clone(ctx)
	}
	if r.trees && !r.hasTrees() {
		r.log.Info("the paths of commits are wanted, which the mirror of a repository does not know; fetching all of it once more", "stream", "commits")
		return r.clone(ctx)
	}
	err := r.update(ctx)
	if Damaged(err) {
		return r.Rebuild(ctx, err)
	}
	return err
}

func (r *Mirror) update(ctx context.Context) error {
	found, err := r.mend()
	if err != nil {
		return err
	}
	args := []string{
		"fetch", "--quiet", "--prune", "--no-tags", "--no-auto-maintenance", "--no-write-fetch-head",
		"--no-recurse-submodules", "--filter=" + r.filter(), "origin",
	}
	if err := r.ask(ctx, r.dir, "", nothing, append(args, refspecs...)...); err != nil {
		return err
	}
	return r.upkeep(ctx, found)
}

func nothing() error { return nil }

// Rebuild puts a new mirror in the place of a damaged one. If it cannot be fetched the damaged one stays.
func (r *Mirror) Rebuild(ctx context.Context, why error) error {
	r.log.Warn("the mirror of a repository is damaged; fetching all of it again", "stream", "commits", "mirror", r.dir, "error", why)
	return r.clone(ctx)
}

// clone makes the mirror beside its place and puts it there when it is whole. A clone writes all refs at once, where a
// fetch writes a file for each: for a repository of 30,000 pull requests two seconds instead of twenty.
func (r *Mirror) clone(ctx context.Context) error {
	filter := r.filter()
	args := []string{"clone", "--quiet", "--bare", "--template=", "--no-tags", "--filter=" + filter}
	for _, spec := range refspecs[1:] { // branches are what a bare clone takes anyway
		args = append(args, "--config", "remote.origin.fetch="+spec)
	}
	args = append(args, "--", r.url(), r.part())
	if err := r.ask(ctx, "", "", r.clearPart, args...); err != nil {
		if kindOf(err) != local { // what a full disk left behind is in the way of everything else
			return err
		}
		return errors.Join(err, r.clearPart())
	}
	if err := os.WriteFile(filepath.Join(r.part(), "config"), []byte(configuration), 0o600); err != nil {
		return fmt.Errorf("configure the mirror of %s: %w", r.name, err)
	}
	if err := os.Mkdir(filepath.Join(r.part(), stateDir), 0o700); err != nil {
		return fmt.Errorf("make the mirror of %s: %w", r.name, err)
	}
	if filter == withTrees {
		if err := os.WriteFile(filepath.Join(r.part(), treesFile), nil, 0o600); err != nil {
			return fmt.Errorf("make the mirror of %s: %w", r.name, err)
		}
	}
	if err := os.RemoveAll(r.dir); err != nil {
		return fmt.Errorf("remove the old mirror of %s: %w", r.name, err)
	}
	if err := os.Rename(r.part(), r.dir); err != nil {
		return fmt.Errorf("put the mirror of %s in its place: %w", r.name, err)
	}
	return r.writeGraph(ctx)
}

func (r *Mirror) clearPart() error {
	if err := os.RemoveAll(r.part()); err != nil {
		return fmt.Errorf("remove what is left of a clone of %s: %w", r.name, err)
	}
	return nil
}

// configuration is a mirror's own: no remote, no URL, nothing that a reader could fetch from.
const configuration = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n"
