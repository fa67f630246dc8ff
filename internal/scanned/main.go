// Command scanned says how many bytes a build in BigQuery reads and is billed for, by model, and the pages of the dashboard, by page:
// the columns that each compiled statement needs of each table, as the analyser of GoogleSQL finds them, times how large those are in
// companies that are made and built here. An emulator cannot say it: its dry runs read 0 bytes. It needs no account.
// `make build .cache/bin/googlesql` first.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"maps"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
)

var (
	program  = flag.String("program", "bin/fourfold", "the built program")
	dbt      = flag.String("dbt", ".venv/bin/dbt", "dbt; Python with DuckDB is beside it")
	analyser = flag.String("googlesql", ".cache/bin/googlesql", "the built analyser")
	versions = flag.Int("versions", 1, "in how many versions each incident has landed, of what is said by model and by table")
	columns  = flag.Int("columns", 0, "say of each statement which columns of each table it reads, with so many incidents")
	whole    = flag.Bool("whole", false, "say it by model and by table of a build that begins with nothing, and not of one that goes on")
)

// Companies are measured up to a hundred thousand incidents; a million is where their line leads to.
var (
	measured = []int{1_000, 10_000, 100_000}
	told     = []int{1_000, 100_000, 1_000_000}
)

// landed is in how many versions each incident has landed, of the sums.
var landed = []int{1, 10}

const (
	pricePerTiB = 6.25 // USD, in the US and the EU, 2026-11; the first TiB of a month is free
	quarterly   = 30 * 24 * 4
	hourly      = 30 * 24
	wholeOnes   = 30.0 / 7 // of the builds of a month
)

func main() {
	flag.Parse()
	log.SetFlags(0)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout); err != nil {
		stop()
		log.Fatal("scanned: ", err)
	}
}

func run(ctx context.Context, w io.Writer) error {
	var p programs
	for _, x := range []struct {
		to   *string
		path string
	}{{&p.fourfold, *program}, {&p.dbt, *dbt}, {&p.python, filepath.Join(filepath.Dir(*dbt), "python")}, {&p.googlesql, *analyser}} {
		path, err := filepath.Abs(x.path)
		if err == nil {
			_, err = os.Stat(path)
		}
		if err != nil {
			return fmt.Errorf("%w: run `make build .cache/bin/googlesql`", err)
		}
		*x.to = path
	}
	dir, err := os.MkdirTemp("", "fourfold-scanned")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	demo, err := p.demo(ctx, filepath.Join(dir, "demo"))
	if err != nil {
		return err
	}
	companies := map[int]measurement{}
	for _, n := range measured {
		if companies[n], err = p.company(ctx, filepath.Join(dir, fmt.Sprint(n)), n); err != nil {
			return err
		}
	}
	tables, anew, goesOn, err := p.builds(ctx, filepath.Join(dir, fmt.Sprint(measured[0])), dir)
	if err != nil {
		return err
	}
	at := func(incidents, versions int) measurement {
		return scaled(demo, companies, measured, incidents, versions)
	}
	shown := goesOn
	if *whole {
		shown = anew
	}
	if *columns > 0 {
		return writeColumns(w, shown, at(*columns, *versions))
	}
	if err := writeSums(w, anew, goesOn, at); err != nil {
		return err
	}
	var sizes []measurement
	for _, n := range told {
		sizes = append(sizes, at(n, *versions))
	}
	asked, pages, err := p.pages(ctx, tables, anew.statements)
	if err != nil {
		return err
	}
	if err := writePages(w, asked, pages, sizes); err != nil {
		return err
	}
	return write(w, shown, sizes)
}

// build is what a build asks, and what each statement of it reads.
type build struct {
	statements []statement
	all        []reads
}

// builds are that which begins with nothing, of a company, and that which goes on from another; both begin with tables.
func (p programs) builds(ctx context.Context, company, scratch string) (tables []table, whole, goesOn build, err error) {
	seeds, anew, merges, err := compiled(ctx, p.dbt, filepath.Join(company, "data", "dbt"), scratch)
	if err != nil {
		return nil, build{}, build{}, err
	}
	ship, err := shipStatements(ctx, company)
	if err != nil {
		return nil, build{}, build{}, err
	}
	tables = append(declared(), seeds...)
	for _, x := range []struct {
		to         *build
		statements []statement
	}{{&whole, anew}, {&goesOn, merges}} {
		x.to.statements = append(x.statements, ship...)
		if x.to.all, err = readsOf(ctx, p.googlesql, tables, x.to.statements); err != nil {
			return nil, build{}, build{}, err
		}
	}
	return tables, whole, goesOn, nil
}

// bill is what the statements of a build cost.
func (b build) bill(m measurement) []cost {
	sizes := map[string]size{}
	for i, r := range b.all {
		for name := range r {
			sizes[name] = m[short(name)]
		}
		if name := b.statements[i].merged; name != "" {
			sizes[name] = m[short(name)]
		}
	}
	out := make([]cost, len(b.statements))
	for i, s := range b.statements {
		if s.kind == "" {
			continue
		}
		out[i] = costOf(s, b.all[i], sizes)
		out[i].read *= s.times(m)
		out[i].billed *= s.times(m)
	}
	return out
}

// times is how often a statement is run in a build.
func (s statement) times(m measurement) float64 {
	if s.Name == commitsOfGraph {
		return math.Max(1, math.Ceil(m["github_commits"].Rows/commitsAtOnce))
	}
	return 1
}

// short is the last part of a path.
func short(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

// sum is what a build costs, and what it is billed for by what the statements are for.
func (b build) sum(m measurement) (all cost, kinds map[string]float64) {
	kinds = map[string]float64{}
	for i, c := range b.bill(m) {
		all.add(c)
		kinds[b.statements[i].kind] += c.billed
	}
	return all, kinds
}

// writeSums writes what builds cost: those that go on, those that begin with nothing, and both in a month.
func writeSums(w io.Writer, whole, goesOn build, at func(incidents, versions int) measurement) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "incidents\tversions\tgoes on: read\tbilled\tof it models\ttests\tcommit graph\twhole: read\tbilled\tsaved\tUSD a month, every 15 min\tevery hour\t")
	for _, versions := range landed {
		for _, n := range told {
			m := at(n, versions)
			anew, _ := whole.sum(m)
			c, kinds := goesOn.sum(m)
			month := func(builds float64) float64 {
				return ((builds-wholeOnes)*c.billed + wholeOnes*anew.billed) / (1 << 40) * pricePerTiB
			}
			fmt.Fprintf(t, "%d\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%.1f %%\t%.0f\t%.0f\t\n", n, versions, gib(c.read), gib(c.billed), gib(kinds["model"]), gib(kinds["test"]), gib(kinds["ship"]),
				gib(anew.read), gib(anew.billed), 100*(1-c.billed/anew.billed), month(quarterly), month(hourly))
		}
	}
	return t.Flush()
}

// write writes what a build costs by model, those that read most first.
func write(w io.Writer, b build, sizes []measurement) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	statements, all := b.statements, b.all
	bills := make([][]cost, len(sizes))
	for i, m := range sizes {
		bills[i] = b.bill(m)
	}
	fmt.Fprint(t, "\nstatement\tkind\ttables")
	for _, n := range told {
		fmt.Fprintf(t, "\t%d: read\tbilled", n)
	}
	fmt.Fprintln(t, "\t")
	for _, i := range costliest(statements, bills) {
		fmt.Fprintf(t, "%s\t%s\t%d", statements[i].Name, statements[i].kind, len(statements[i].tables(all[i])))
		for _, costs := range bills {
			fmt.Fprintf(t, "\t%s\t%s", mib(costs[i].read), mib(costs[i].billed))
		}
		fmt.Fprintln(t, "\t")
	}
	if err := t.Flush(); err != nil {
		return err
	}
	return writeTables(w, b, sizes)
}

// writeTables writes what all statements together read of each table, and how many read it.
func writeTables(w io.Writer, b build, sizes []measurement) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "\ntable\tmodels\ttests\tgraph")
	for _, n := range told {
		fmt.Fprintf(t, "\t%d: rows\tread", n)
	}
	fmt.Fprintln(t, "\tleast billed\t")
	counts := map[string]map[string]int{}
	sums := map[string][]float64{}
	for i, s := range b.statements {
		if s.kind == "" {
			continue
		}
		for path, columns := range s.tables(b.all[i]) {
			name := short(path)
			if counts[name] == nil {
				counts[name], sums[name] = map[string]int{}, make([]float64, len(sizes))
			}
			counts[name][s.kind]++
			for k, m := range sizes {
				sums[name][k] += s.bytes(path, columns, m[name]) * s.times(m)
			}
		}
	}
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(cmp.Compare(sums[b][1], sums[a][1]), cmp.Compare(a, b)) })
	for _, name := range names {
		c := counts[name]
		fmt.Fprintf(t, "%s\t%d\t%d\t%d", name, c["model"], c["test"], c["ship"])
		for k, m := range sizes {
			fmt.Fprintf(t, "\t%.0f\t%s", m[name].Rows, mib(sums[name][k]))
		}
		fmt.Fprintf(t, "\t%d\t\n", (c["model"]+c["test"]+c["ship"])*leastBilled/mebibyte)
	}
	return t.Flush()
}

// costliest orders the statements of a build by what they are billed with the second of the sizes, and the last.
func costliest(statements []statement, bills [][]cost) []int {
	var order []int
	for i, s := range statements {
		if s.kind != "" {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(bills[1][b].read, bills[1][a].read), cmp.Compare(bills[1][b].billed, bills[1][a].billed), cmp.Compare(statements[a].Name, statements[b].Name))
	})
	return order
}

// writeColumns writes what each statement reads of each table, with the bytes of each column.
func writeColumns(w io.Writer, b build, m measurement) error {
	costs, statements := b.bill(m), b.statements
	for _, i := range costliest(statements, [][]cost{costs, costs}) {
		fmt.Fprintf(w, "%s (%s): reads %s, billed %s MiB\n", statements[i].Name, statements[i].kind, mib(costs[i].read), mib(costs[i].billed))
		read := statements[i].tables(b.all[i])
		bytes := func(name string) float64 { return statements[i].bytes(name, read[name], m[short(name)]) }
		for _, name := range slices.SortedFunc(maps.Keys(read), func(x, y string) int { return cmp.Or(cmp.Compare(bytes(y), bytes(x)), cmp.Compare(x, y)) }) {
			s := m[short(name)]
			fmt.Fprintf(w, "  %s, %.0f rows: %s MiB:", short(name), s.Rows, mib(bytes(name)))
			for _, c := range read[name] {
				fmt.Fprintf(w, " %s %s", c, mib(s.of([]string{c})))
			}
			fmt.Fprintln(w)
		}
	}
	return nil
}

func gib(bytes float64) string { return fmt.Sprintf("%.2f GiB", bytes/(1<<30)) }
func mib(bytes float64) string { return fmt.Sprintf("%.1f", bytes/mebibyte) }
