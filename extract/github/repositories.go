package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"fourfold/extract"
)

// perPage is the largest page of REST.
const perPage = 100

// repository is one that is read in this run.
type repository struct {
	ID         string // the number that it keeps when it is renamed, as text
	NodeID     string
	FullName   string // as it is called now, acme/api
	Configured string // the entry of the configuration that found it
	Named      bool   // by the configuration, not by a pattern of it
	record     []byte
}

func (r repository) owner() string { return strings.Split(r.FullName, "/")[0] }
func (r repository) name() string  { _, n, _ := strings.Cut(r.FullName, "/"); return n }

// resolution is which repositories the configuration names, and what could not be found, as one run sees it.
type resolution struct {
	at           time.Time
	repositories []repository
	failures     []error // taken by the first stream that asks
}

// unsaid are the failures that no stream of this run has reported yet. One is enough, unless nothing was found at all.
func (r *resolution) unsaid() []error {
	out := r.failures
	if len(r.repositories) > 0 {
		r.failures = nil
	}
	return out
}

// split gives the owner and the rest, a name or a pattern.
func (r Repository) split() (owner, rest string) {
	owner, rest, _ = strings.Cut(r.Name, "/")
	return owner, rest
}

func (r Repository) isPattern() bool { return strings.ContainsAny(r.Name, `*?[{\`) }

func (r Repository) check() error {
	owner, rest := r.split()
	if owner == "" || rest == "" || strings.ContainsAny(owner, `*?[{\`) {
		return fmt.Errorf("%q: want owner/name, or owner/pattern", r.Name)
	}
	for _, p := range append(r.Exclude, rest) {
		if !doublestar.ValidatePattern(p) {
			return fmt.Errorf("%q: %q is not a pattern", r.Name, p)
		}
	}
	return nil
}

func match(pattern, name string) bool {
	return doublestar.MatchUnvalidated(strings.ToLower(pattern), strings.ToLower(name))
}

// readRepositories yields what the configuration names. It sweeps nothing: a repository that is not there any more has
// a history all the same.
func (s *Source) readRepositories(ctx context.Context, in extract.Input) iter.Seq2[extract.Page, error] {
	return func(yield func(extract.Page, error) bool) {
		all, err := s.repositories(ctx, "repositories", in)
		if err != nil {
			yield(extract.Page{}, err)
			return
		}
		var page extract.Page
		for _, r := range all.repositories {
			page.Records = append(page.Records, extract.Record{JSON: r.record})
		}
		if !yield(page, nil) {
			return
		}
		if err := joined(all.unsaid(), len(all.repositories) > 0); err != nil {
			yield(extract.Page{}, err)
		}
	}
}

// joined is the error of several things that failed while others were read well: of kind ErrPartial then. A refusal is
// of that kind in any case: a source is asked for what it is to read, so that is never passed over.
func joined(failures []error, others bool) error {
	if len(failures) == 0 {
		return nil
	}
	err := errors.Join(failures...)
	if len(failures) > 1 { // on one line, as every error is
		texts := make([]string, len(failures))
		for i, f := range failures {
			texts[i] = f.Error()
		}
		err = &manyError{strings.Join(texts, "; "), err}
	}
	if others || errors.Is(err, extract.ErrForbidden) {
		return extract.Partial(err)
	}
	return err
}

type manyError struct {
	text string
	err  error
}

func (e *manyError) Error() string { return e.text }
func (e *manyError) Unwrap() error { return e.err }

// fatal reports errors that the next repository would meet too.
func fatal(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, extract.ErrUnauthorized) || errors.Is(err, extract.ErrUnreachable) || errors.Is(err, extract.ErrSlowDown) || errors.Is(err, errStopped)
}

// errStopped says that the caller has had enough.
var errStopped = errors.New("stopped")

// repositories finds out which repositories are read in this run: once for all streams. A stream gets the same list as
// the one before it, so that they agree.
//
// A name costs one request, a pattern one for each hundred repositories of its owner. What a name names is read even if
// it is archived or a fork, for somebody wrote it down; a pattern leaves those out unless it says otherwise. A name that
// does not mean what its writer may think is read and reported: a repository that was renamed, archived or is empty is
// probably not the one that is wanted for long.
func (s *Source) repositories(ctx context.Context, stream string, in extract.Input) (*resolution, error) {
	if s.resolved != nil && sameRun(s.resolved.at, in) {
		return s.resolved, nil
	}
	out := &resolution{at: in.RunAt}
	found := map[string]bool{}
	owned := map[string][]json.RawMessage{}
	for _, want := range s.opts.Repositories {
		var records []json.RawMessage
		var err error
		if want.isPattern() {
			records, err = s.matching(ctx, stream, want, owned)
		} else {
			var one json.RawMessage
			one, err = s.exactly(ctx, stream, want)
			records = []json.RawMessage{one}
		}
		if err != nil {
			if fatal(ctx, err) {
				return nil, err
			}
			out.failures = append(out.failures, fmt.Errorf("%s: %w", want.Name, err))
			continue
		}
		for _, text := range records {
			r, err := newRepository(text, want.Name)
			if err != nil {
				out.failures = append(out.failures, fmt.Errorf("%s: %w", want.Name, err))
				continue
			}
			if r.Named = !want.isPattern(); r.Named {
				out.failures = append(out.failures, r.remarks(want)...)
			}
			if !found[r.ID] {
				found[r.ID] = true
				out.repositories = append(out.repositories, r)
			}
		}
	}
	s.resolved = out
	return out, nil
}

// remarks are what the writer of a name should know of the repository, which is read all the same.
func (r repository) remarks(want Repository) []error {
	var out []error
	if !strings.EqualFold(r.FullName, want.Name) {
		out = append(out, fmt.Errorf("%s: it was renamed to %s and read under that name; write the new one into sources.github.repositories", want.Name, r.FullName))
	}
	var flags struct{ Archived bool }
	if json.Unmarshal(r.record, &flags) == nil && flags.Archived && !want.Archived {
		out = append(out, fmt.Errorf("%s: it is archived, so nothing new will come; it was read: write `archived: true` beside its name in sources.github.repositories to keep it, or take it out", want.Name))
	}
	return out
}

// emptyError is the failure of a named repository without a commit.
func (r repository) emptyError() error {
	return fmt.Errorf("%s is empty: no branch or tag of it has a commit; take it out of sources.github.repositories until one has", r.FullName)
}

// exactly asks for one repository. GitHub answers a former name with a redirect, which is followed.
func (s *Source) exactly(ctx context.Context, stream string, want Repository) (json.RawMessage, error) {
	owner, name := want.split()
	var text json.RawMessage
	if _, err := s.api.get(ctx, stream, "repos/"+url.PathEscape(owner)+"/"+url.PathEscape(name), nil, &text); err != nil {
		return nil, err
	}
	return text, nil
}

// matching gives the repositories that a pattern matches, by name. owned keeps the lists of owners that were read.
func (s *Source) matching(ctx context.Context, stream string, want Repository, owned map[string][]json.RawMessage) ([]json.RawMessage, error) {
	owner, pattern := want.split()
	key := strings.ToLower(owner)
	if _, ok := owned[key]; !ok {
		list, err := s.ofOwner(ctx, stream, owner, owned)
		if err != nil {
			return nil, fmt.Errorf("list the repositories of %s: %w", owner, err)
		}
		owned[key] = list
	}
	type named struct {
		name string
		text json.RawMessage
	}
	var taken []named
	archived, forks, excluded := 0, 0, 0
	for _, text := range owned[key] {
		var r struct {
			Name           string
			Archived, Fork bool
		}
		if err := decode("a repository of "+owner, text, &r); err != nil {
			return nil, err
		}
		switch {
		case !match(pattern, r.Name):
		case slices.ContainsFunc(want.Exclude, func(p string) bool { return match(p, r.Name) }):
			excluded++
		case r.Archived && !want.Archived:
			archived++
		case r.Fork && !want.Forks:
			forks++
		default:
			taken = append(taken, named{r.Name, text})
		}
	}
	if len(taken) == 0 {
		return nil, fmt.Errorf("the pattern matches none of the %d repositories of %s that the token sees (%d archived, %d forks and %d excluded ones are left out): check the pattern, and what the token may see",
			len(owned[key]), owner, archived, forks, excluded)
	}
	slices.SortFunc(taken, func(a, b named) int { return strings.Compare(a.name, b.name) })
	out := make([]json.RawMessage, len(taken))
	for i, t := range taken {
		out[i] = t.text
	}
	return out, nil
}

// newRepository makes the record of a repository: what REST answered, with the id as text, and the entry of the
// configuration that found it, by which the build tells its services even after it was renamed.
func newRepository(text json.RawMessage, configured string) (repository, error) {
	var r struct {
		ID       int64
		NodeID   string `json:"node_id"`
		FullName string `json:"full_name"`
	}
	if err := decode("repository", text, &r); err != nil {
		return repository{}, err
	}
	if r.ID == 0 || strings.Count(r.FullName, "/") != 1 {
		return repository{}, errors.New("the answer is no repository: it has no id or full_name")
	}
	fields := map[string]json.RawMessage{}
	if err := decode("repository", text, &fields); err != nil {
		return repository{}, err
	}
	out := repository{ID: strconv.FormatInt(r.ID, 10), NodeID: r.NodeID, FullName: r.FullName, Configured: configured}
	fields["database_id"] = fields["id"]
	fields["id"] = asJSON(out.ID)
	fields["configured_name"] = asJSON(configured)
	delete(fields, "temp_clone_token") // a password
	out.record = asJSON(fields)
	return out, nil
}

// asJSON writes what can always be written.
func asJSON(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}
