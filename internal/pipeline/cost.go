package pipeline

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"

	"fourfold/load"
)

// Cost is what a build would read.
type Cost struct {
	Items       []CostItem `json:"items"`
	RunsAMonth  int        `json:"runs_a_month"`            // by the schedule, in 30 days, if no build was skipped
	PricePerTiB float64    `json:"price_per_tib,omitempty"` // in the user's currency; 0 is unknown
}

// CostItem is what one model, one test or the commit graph would read, in bytes.
type CostItem struct {
	Name   string `json:"name"`
	Kind   string `json:"kind"` // model, test or ship
	Read   int64  `json:"read"`
	Billed int64  `json:"billed"`
	// Unknown says that it reads what only a build will have made.
	Unknown bool `json:"unknown,omitempty"`
}

// estimatesAtOnce is how many queries are looked at at a time.
const estimatesAtOnce = 8

// ErrNoCost says that nothing is paid for what queries read.
var ErrNoCost = errors.New("this engine reads on your own machine: a build costs no more than its time")

// Cost says what the next build would read, without it: every model and test is compiled and only looked at. Models that would go
// on from the build before are compiled so, for which dbt asks how far that one came.
func (b *Build) Cost(ctx context.Context) (Cost, error) {
	if b.Estimate == nil {
		return Cost{}, ErrNoCost
	}
	now := b.Clock().UTC().Truncate(time.Microsecond)
	command, err := FindDBT(string(b.Config.DBT.Command))
	if err != nil {
		return Cost{}, err
	}
	project := filepath.Join(b.dir(), "dbt")
	if err := b.unpack(project, BuildStatus{ID: RunID(now), AsOf: now, BuiltAt: now}, command); err != nil {
		return Cost{}, err
	}
	target, err := b.Builds.Target(ctx)
	if err != nil {
		return Cost{}, err
	}
	args := []string{"compile"}
	goesOn := false
	if target.Carries != "" {
		if goesOn, _, err = b.goesOn(ctx, target, now); err != nil {
			return Cost{}, err
		}
		if !goesOn {
			args = append(args, "--full-refresh")
		}
	}
	err = b.dbt(command, project, target).run(ctx, args...)
	if target.Release != nil {
		err = errors.Join(err, target.Release())
	}
	if err != nil {
		return Cost{}, err
	}
	m, err := readManifest(project)
	if err != nil {
		return Cost{}, err
	}
	c := Cost{PricePerTiB: b.Config.Warehouse.PricePerTiB, RunsAMonth: b.runsAMonth(now)}
	if err := b.costOfShip(ctx, now, &c); err != nil {
		return Cost{}, err
	}
	return c, b.costOfNodes(ctx, m, goesOn, &c)
}

// month is that of the price.
const month = 30 * 24 * time.Hour

func (b *Build) runsAMonth(from time.Time) int {
	s := b.Config.Schedule.Run.Schedule()
	if s == nil {
		return 0
	}
	from = from.In(b.Config.Timezone.Location)
	n := 0
	for at := s.Next(from); !at.IsZero() && at.Before(from.Add(month)); at = s.Next(at) {
		n++
	}
	return n
}

func (b *Build) costOfShip(ctx context.Context, asOf time.Time, c *Cost) error {
	store, sum := b.EstimateShip(asOf)
	_, err := shipInto(ctx, b.Config, store)
	item := CostItem{Name: "commit graph", Kind: "ship"}
	if err == nil {
		var e load.Estimate
		e, err = sum(ctx)
		item.Read, item.Billed = e.Read, e.Billed
	}
	if errors.Is(err, load.ErrMissing) {
		item.Unknown, err = true, nil
	}
	c.Items = append(c.Items, item)
	return err
}

// costOfNodes estimates what dbt would run: tables and tests. Views are read by them; seeds are loaded.
func (b *Build) costOfNodes(ctx context.Context, m manifest, goesOn bool, c *Cost) error {
	var wanted []node
	for _, n := range m.Nodes {
		isTable := n.ResourceType == "model" && (n.Config.Materialized == "table" || n.isIncremental())
		if n.CompiledCode != "" && (isTable || n.ResourceType == "test") {
			wanted = append(wanted, n)
		}
	}
	items := make([]CostItem, len(wanted))
	g, inner := errgroup.WithContext(ctx)
	g.SetLimit(estimatesAtOnce)
	for i, n := range wanted {
		g.Go(func() error {
			e, err := b.costOfNode(inner, n, goesOn)
			items[i] = CostItem{Name: n.Name, Kind: n.ResourceType, Read: e.Read, Billed: e.Billed, Unknown: errors.Is(err, load.ErrMissing)}
			if err != nil && !items[i].Unknown {
				return fmt.Errorf("%s %s: %w", n.ResourceType, n.Name, err)
			}
			return nil
		})
	}
	err := g.Wait()
	slices.SortFunc(items, func(x, y CostItem) int {
		return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(y.Billed, x.Billed), cmp.Compare(x.Name, y.Name))
	})
	c.Items = append(c.Items, items...)
	return err
}

func (n node) isIncremental() bool {
	return n.ResourceType == "model" && n.Config.Materialized == "incremental"
}

// costOfNode estimates one of them. What goes on from the build before is merged into its table: that is billed for what is read,
// and for all of the table (https://cloud.google.com/bigquery/docs/reference/standard-sql/dml-syntax#on-demand_query_size_calculation).
// The least of a table may be counted twice so, where it is small and the model reads it, too.
func (b *Build) costOfNode(ctx context.Context, n node, goesOn bool) (load.Estimate, error) {
	sql := n.CompiledCode
	if n.ResourceType == "test" { // dbt counts its rows
		sql = "select count(*) from (\n" + sql + "\n) as found"
	}
	e, err := b.Estimate(ctx, sql)
	if err != nil || !goesOn || !n.isIncremental() {
		return e, err
	}
	merged, err := b.Estimate(ctx, "select * from "+n.RelationName)
	if errors.Is(err, load.ErrMissing) { // then the table is made
		return e, nil
	}
	return load.Estimate{Read: e.Read + merged.Read, Billed: e.Billed + merged.Billed}, err
}

// Total is what all of it comes to, and of how much that is not known.
func (c Cost) Total() (sum load.Estimate, unknown int) {
	for _, i := range c.Items {
		sum.Read += i.Read
		sum.Billed += i.Billed
		if i.Unknown {
			unknown++
		}
	}
	return sum, unknown
}

// PriceAMonth is what builds cost in a month, if none is skipped.
func (c Cost) PriceAMonth() float64 {
	sum, _ := c.Total()
	return float64(sum.Billed) / (1 << 40) * float64(c.RunsAMonth) * c.PricePerTiB
}

// Summary says in a line what builds cost.
func (c Cost) Summary() string {
	sum, unknown := c.Total()
	text := fmt.Sprintf("a build reads %s and is billed for %s; at most %d a month by schedule.run, fewer where nothing changes: ", size(sum.Read), size(sum.Billed), c.RunsAMonth)
	if c.PricePerTiB > 0 {
		text += fmt.Sprintf("at most %.2f a month at %g a TiB", c.PriceAMonth(), c.PricePerTiB)
	} else {
		text += fmt.Sprintf("%s a month; set warehouse.price_per_tib to see a price", size(sum.Billed*int64(c.RunsAMonth)))
	}
	if unknown > 0 {
		text += fmt.Sprintf(" (without %d that read what only a build makes: look again after the first)", unknown)
	}
	return text
}

// Lines are what each model reads, the most first, and the tests as one.
func (c Cost) Lines() []CostItem {
	var out []CostItem
	tests, n := CostItem{Kind: "test"}, 0
	for _, i := range c.Items {
		if i.Kind != "test" {
			out = append(out, i)
			continue
		}
		n++
		tests.Read += i.Read
		tests.Billed += i.Billed
	}
	tests.Name = fmt.Sprintf("%d tests", n)
	return append(out, tests)
}

// Detail says in words what it reads.
func (i CostItem) Detail() string {
	if i.Unknown {
		return "reads what only a build makes: not known before the first"
	}
	return fmt.Sprintf("reads %s, billed for %s", size(i.Read), size(i.Billed))
}

// Write writes what each model reads, the most first, and the tests as one.
func (c Cost) Write(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "model\tread\tbilled")
	for _, i := range c.Lines() {
		read, billed := size(i.Read), size(i.Billed)
		if i.Unknown {
			read, billed = "?", "?"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\n", i.Name, read, billed)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, c.Summary())
	return err
}

// MarshalJSON adds what all of it comes to.
func (c Cost) MarshalJSON() ([]byte, error) {
	type plain Cost
	sum, unknown := c.Total()
	return json.Marshal(struct {
		plain
		Read        int64   `json:"read"`
		Billed      int64   `json:"billed"`
		Unknown     int     `json:"unknown"`
		PriceAMonth float64 `json:"price_a_month,omitempty"`
	}{plain(c), sum.Read, sum.Billed, unknown, c.PriceAMonth()})
}

// size is a number of bytes for people.
func size(n int64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB"}
	f := float64(n)
	i := 0
	for f >= 1024 && i < len(units)-1 {
		f /= 1024
		i++
	}
	if i == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", f), ".0") + " " + units[i]
}
