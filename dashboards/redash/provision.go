package redash

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"fourfold/dashboards"
)

// Request is what is asked of a provisioner.
type Request struct {
	Catalogue  *dashboards.Catalogue
	DataSource string // its name
	// Marts gives the prefix of a mart's name for a type of data source; nil if marts go by their bare names.
	Marts    func(kind string) (string, error)
	Copy     string        // of the published build, for a data source of DuckDB's; its path on the server
	Language string        // en or ja
	Refresh  time.Duration // between runs of a query; 0 for no schedule
	People   bool          // whether panels of persons are made
	DryRun   bool
	Patience time.Duration // longest wait for a query's run
	Progress func(Action)  // told of each action as it begins; nil for nobody
}

// provisioner is one run.
type provisioner struct {
	c      *Client
	report *Report
	dry    bool
	me     int
	source int
	wait   time.Duration
	// ids of the server's queries by key, and of their visualizations by the query's key and their own.
	queries map[string]int
	visuals map[[2]string]int
}

// ErrDataSource says that there is no data source as it is asked for, or not just one.
var ErrDataSource = errors.New("redash: data source")

// Provision makes a server as the catalogue wants it, or says with DryRun what that would take, by reading alone. The report is
// there even with an error, as far as it got: what was written stays, and the next run goes on from there.
func Provision(ctx context.Context, c *Client, r Request) (*Report, error) {
	report := &Report{DryRun: r.DryRun, Dashboards: map[string]int{}, progress: r.Progress}
	s, err := c.Session(ctx)
	if err != nil {
		return report, err
	}
	report.Server = s.Client.Version
	version, err := ParseVersion(s.Client.Version)
	if err != nil {
		return report, err
	}
	sources, err := c.DataSources(ctx)
	if err != nil {
		return report, err
	}
	source, err := find(sources, r.DataSource)
	if err != nil {
		return report, err
	}
	t := Target{Kind: source.Type, Language: r.Language, Refresh: r.Refresh, Columns: version.Columns(), People: r.People}
	if r.Marts != nil {
		if t.Marts, err = r.Marts(source.Type); err != nil {
			return report, err
		}
	}
	if source.Type == "duckdb" {
		if t.Copy = r.Copy; !copyForm.MatchString(t.Copy) {
			return report, fmt.Errorf("redash: %q is no file that the queries of data source %q can attach: set redash.duckdb_copy to an absolute path without { or }", t.Copy, source.Name)
		}
	}
	want, err := Wanted(r.Catalogue, t)
	if err != nil {
		return report, err
	}
	p := &provisioner{
		c: c, report: report, dry: r.DryRun, me: s.User.ID, source: source.ID, wait: r.Patience, queries: map[string]int{}, visuals: map[[2]string]int{},
	}
	return report, p.apply(ctx, want)
}

// find takes the one data source of a name whose type there are queries for.
func find(all []DataSource, name string) (DataSource, error) {
	var fit []DataSource
	var there []string
	for _, d := range all {
		if d.Name == name && slices.Contains(Kinds, d.Type) {
			fit = append(fit, d)
		}
		there = append(there, fmt.Sprintf("%q (%s, id %d)", d.Name, d.Type, d.ID))
	}
	list := "none that this key sees"
	if there != nil {
		list = strings.Join(there, ", ")
	}
	switch len(fit) {
	case 1:
		return fit[0], nil
	case 0:
		return DataSource{}, fmt.Errorf("%w: no %q of type %s; there are %s", ErrDataSource, name, strings.Join(Kinds, " or "), list)
	}
	return DataSource{}, fmt.Errorf("%w: %d are called %q: give the one that is meant a name of its own; there are %s", ErrDataSource, len(fit), name, list)
}

// apply goes from what gives to what takes: dashboards with nothing on them, choices, queries, what is on the dashboards; then what is not wanted any more goes, in reverse.
func (p *provisioner) apply(ctx context.Context, want State) error {
	listed, err := list[*remoteQuery](ctx, p.c, "/api/queries", url.Values{"tags": {Tag}})
	if err != nil {
		return err
	}
	haveQueries, strayQueries := sort(p, "query", listed, func(q *remoteQuery) object { return object{q.ID, q.Name, q.Tags, q.id()} })
	pages, err := list[*remoteDashboard](ctx, p.c, "/api/dashboards", url.Values{"tags": {Tag}})
	if err != nil {
		return err
	}
	havePages, strayPages := sort(p, "dashboard", pages, func(d *remoteDashboard) object { return object{d.ID, d.Name, d.Tags, d.id()} })
	begun, err := p.begun(ctx)
	if err != nil {
		return err
	}
	isNew := map[string]bool{}
	for _, d := range want.Dashboards {
		have := havePages[d.Key]
		if have == nil {
			have = begun[d.Key]
			delete(begun, d.Key)
		}
		isNew[d.Key] = have == nil
		if err := p.begin(ctx, d, have); err != nil {
			return fmt.Errorf("dashboard %s: %w", d.Key, err)
		}
		delete(havePages, d.Key)
	}
	for _, q := range want.Queries {
		// When a query is written the server notes by which text its results are known, which it cannot while choices are unknown.
		if !q.gives() && p.unknown() != nil {
			return p.unknown()
		}
		if err := p.query(ctx, q, haveQueries[q.Key]); err != nil {
			return fmt.Errorf("query %s: %w", q.Key, err)
		}
		delete(haveQueries, q.Key)
	}
	for _, d := range want.Dashboards {
		if err := p.dashboard(ctx, d, isNew[d.Key]); err != nil {
			return fmt.Errorf("dashboard %s: %w", d.Key, err)
		}
	}
	for _, m := range []map[string]*remoteDashboard{havePages, begun} {
		for _, d := range m {
			strayPages = append(strayPages, d)
		}
	}
	slices.SortFunc(strayPages, func(a, b *remoteDashboard) int { return a.ID - b.ID })
	for _, d := range strayPages {
		if err := p.drop(ctx, "dashboard", keyOf(d.Tags), d.Name, fmt.Sprintf("/api/dashboards/%d", d.ID)); err != nil {
			return err
		}
	}
	for _, q := range haveQueries {
		strayQueries = append(strayQueries, q)
	}
	slices.SortFunc(strayQueries, func(a, b *remoteQuery) int { return a.ID - b.ID })
	for _, q := range strayQueries {
		if err := p.drop(ctx, "query", keyOf(q.Tags), q.Name, fmt.Sprintf("/api/queries/%d", q.ID)); err != nil {
			return err
		}
	}
	if p.report.Failed != nil {
		return fmt.Errorf("redash: %d queries did not run: %s", len(p.report.Failed), p.report.Failed[0])
	}
	return nil
}

// unknown is the error of a query that gives choices and did not run, if there is one.
func (p *provisioner) unknown() error {
	for _, f := range p.report.Failed {
		if strings.Contains(f, " ("+choicesKey("")) {
			return fmt.Errorf("redash: what can be chosen is not known, and nothing else is made before it is: %s", f)
		}
	}
	return nil
}

// object is what tells whose something is.
type object struct {
	id    int
	name  string
	tags  []string
	owner int
}

// sort takes what is ours of what carries our tag, by key. Of two of one key, which a lost answer leaves, the older stays; the
// others are strays. Another user's are left alone: a copy of ours has our tags.
func sort[T any](p *provisioner, kind string, all []T, of func(T) object) (ours map[string]T, strays []T) {
	ours = map[string]T{}
	slices.SortStableFunc(all, func(a, b T) int { return of(a).id - of(b).id })
	for _, x := range all {
		o := of(x)
		key := keyOf(o.tags)
		_, taken := ours[key]
		switch {
		case key == "": // our word, but not our mark
		case o.owner != p.me:
			p.report.Left = append(p.report.Left, fmt.Sprintf("%s %d, %q (%s): it belongs to user %d, not to the user of this key", kind, o.id, o.name, key, o.owner))
		case taken:
			strays = append(strays, x)
		default:
			ours[key] = x
		}
	}
	return ours, strays
}

// keyOf is the key in tags; empty unless both of our tags are there.
func keyOf(tags []string) string {
	if !slices.Contains(tags, Tag) {
		return ""
	}
	for _, t := range tags {
		if key, found := strings.CutPrefix(t, keyTag); found {
			return key
		}
	}
	return ""
}

// tagsWith adds ours to tags that somebody may have given.
func tagsWith(tags []string, key string) []string {
	out := []string{Tag, keyTag + key}
	for _, t := range tags {
		if !slices.Contains(out, t) && !strings.HasPrefix(t, keyTag) {
			out = append(out, t)
		}
	}
	return out
}

func (p *provisioner) drop(ctx context.Context, kind, key, name, path string) error {
	p.report.did(Delete, kind, key, name)
	if p.dry {
		return nil
	}
	return p.c.remove(ctx, path)
}

// tries is how often something is read again after others changed it meanwhile.
const tries = 3

// again does something until nobody has been faster (409).
func again(f func() error) error {
	var err error
	for range tries {
		if err = f(); status(err) != http.StatusConflict {
			return err
		}
	}
	return fmt.Errorf("%w: somebody changes it at the same time: run this again", err)
}
