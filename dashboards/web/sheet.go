package web

import (
	"context"
	"slices"
	"time"

	"fourfold/dashboards"
	cal "fourfold/dashboards/calendar"
)

// Sheet gives a build in the words and drawings of the page to what shows it elsewhere: the report and the digest. Days are
// midnights in UTC that stand for local dates. It is not safe for concurrent use.
type Sheet struct {
	ID, ProgramVersion string
	AsOf, BuiltAt      time.Time
	AsOfDate           time.Time // local date of AsOf
	FirstDate          time.Time // of anything measured
	Zone               *time.Location
	Week               time.Weekday // that weeks begin on
	Severities         []string     // most severe first
	ReadsCode          bool         // whether the build has a source of deployments
	Deploys            bool         // whether any deployment counts
	Streams            []Stream

	m        *maker
	store    *store
	pages    *pages
	rowLimit int
}

// Stream is how fresh a stream is; LastOKAt is zero where it was never read.
type Stream struct {
	Source, Name, Status string
	LastOKAt             time.Time
}

// SheetOptions are what a Sheet is read by; the zero values are those of Options.
type SheetOptions struct {
	Querier      Querier
	Engine       dashboards.Engine
	Language     string
	QueryTimeout time.Duration
	AtOnce       int
	RowLimit     int
}

// OpenSheet reads what is published. The error is ErrNoBuild where nothing is.
func OpenSheet(ctx context.Context, o SheetOptions) (*Sheet, error) {
	if o.QueryTimeout <= 0 {
		o.QueryTimeout = 10 * time.Second
	}
	if o.RowLimit <= 0 {
		o.RowLimit = 10_000
	}
	p, err := loadPages(o.Language, "", false)
	if err != nil {
		return nil, err
	}
	st, err := newStore(o.Querier, o.Engine, o.QueryTimeout, o.AtOnce)
	if err != nil {
		return nil, err
	}
	id, err := o.Querier.Published(ctx)
	if err != nil {
		return nil, err
	}
	b, err := (&server{pages: p, store: st}).build(ctx, id)
	if err != nil {
		return nil, err
	}
	s := &Sheet{
		ID: b.ID, ProgramVersion: b.ProgramVersion, AsOf: b.AsOf, BuiltAt: b.BuiltAt, AsOfDate: b.AsOfDate.t, FirstDate: b.FirstDate.t,
		Zone: b.Calendar.zone, Week: b.Calendar.week(), Severities: b.Choices["severity"], ReadsCode: b.readsCode(),
		Deploys: slices.Contains(b.Choices["deployments"], "counted"),
		store:   st, pages: p, rowLimit: o.RowLimit,
	}
	for _, x := range b.Streams {
		s.Streams = append(s.Streams, Stream{x.Source, x.Stream, x.Status, x.LastOKAt})
	}
	s.m = newMaker(p.language(""), filter{Period: defaultPeriod}, b, span{From: b.AsOfDate, AsOf: b.AsOfDate}, nil)
	return s, nil
}

// Range is what a sheet is asked about: local dates, both ends inclusive, and the days before them to compare with.
type Range struct {
	Period               string // by which trends are cut
	From, To             time.Time
	BeforeFrom, BeforeTo time.Time
}

// Ask answers queries of the catalogue over a range. Tables are shared: they are not to be changed.
func (s *Sheet) Ask(ctx context.Context, r Range, names ...string) (map[string]*Table, error) {
	f := filter{Period: r.Period}
	sp := span{
		From: day{r.From}, AsOf: day{r.To}, FromAt: cal.Midnight(r.From, s.Zone), ToAt: cal.Midnight(r.To.AddDate(0, 0, 1), s.Zone),
		BeforeFrom: day{r.BeforeFrom}, BeforeTo: day{r.BeforeTo},
	}
	return s.store.tables(ctx, s.ID, f.params(s.m.b, sp, latestShown, s.rowLimit), names...)
}

// RowLimit is how many rows an answer has at most.
func (s *Sheet) RowLimit() int { return s.rowLimit }
