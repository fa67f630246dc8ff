package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"fourfold/dashboards"
	"fourfold/dashboards/web"
)

// chosenBy are the parameters by which people choose; nothing is chosen here.
var chosenBy = strings.Fields("service team repository severity incident_type field field_value counted incident deployment")

// pages are what the dashboard's pages ask where nothing is chosen, of tables that a build has made.
func (p programs) pages(ctx context.Context, tables []table, made []statement) (asked []web.PageQueries, b build, err error) {
	if asked, err = web.Asked(); err != nil {
		return nil, build{}, err
	}
	for _, s := range made {
		s.kind = "" // it is not run for a page
		b.statements = append(b.statements, s)
	}
	done := map[string]bool{}
	for _, page := range asked {
		for _, name := range page.Queries {
			if done[name] {
				continue
			}
			done[name] = true
			sql, err := pageSQL(name)
			if err != nil {
				return nil, build{}, err
			}
			b.statements = append(b.statements, statement{Name: name, SQL: sql, kind: "page"})
		}
	}
	b.all, err = readsOf(ctx, p.googlesql, tables, b.statements)
	return asked, b, err
}

// pageSQL is a query of the catalogue as a page asks it.
func pageSQL(name string) (string, error) {
	q, err := dashboards.Load(name)
	if err != nil {
		return "", err
	}
	values := map[string]any{}
	for _, parameter := range q.Parameters() {
		values[parameter] = "something"
	}
	for _, parameter := range chosenBy {
		values[parameter] = ""
	}
	engine := dashboards.BigQuery
	engine.Marts = project + "." + dataset + "_build."
	sql, _, err := q.Chosen(values).Bind(engine, values)
	return sql, err
}

// bills is what each page is billed for by itself, and last the dashboards one after the other, who ask nothing twice.
func (b build) bills(asked []web.PageQueries, m measurement) []pageCost {
	byName := map[string]pageCost{}
	for i, c := range b.bill(m) {
		if b.statements[i].kind != "" {
			byName[b.statements[i].Name] = pageCost{c, 1, len(b.all[i])}
		}
	}
	var out []pageCost
	var together pageCost
	done := map[string]bool{}
	for _, page := range asked {
		var all pageCost
		for _, name := range page.Queries {
			all.add(byName[name])
			if !done[name] && !strings.HasSuffix(page.Path, "/ID") {
				together.add(byName[name])
				done[name] = true
			}
		}
		out = append(out, all)
	}
	return append(out, together)
}

// pageCost is what queries of a page cost, how many they are, and how many tables they name.
type pageCost struct {
	cost
	queries, tables int
}

func (c *pageCost) add(more pageCost) {
	c.cost.add(more.cost)
	c.queries += more.queries
	c.tables += more.tables
}

// writePages writes what pages cost that nobody has asked for before in a build.
func writePages(w io.Writer, asked []web.PageQueries, b build, sizes []measurement) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "\npage\tqueries\ttables")
	var bills [][]pageCost
	for i, m := range sizes {
		fmt.Fprintf(t, "\t%d: read MiB\tbilled", told[i])
		bills = append(bills, b.bills(asked, m))
	}
	fmt.Fprintln(t, "\t")
	for i := range len(asked) + 1 {
		name := "all dashboards"
		if i < len(asked) {
			name = asked[i].Path
		}
		fmt.Fprintf(t, "%s\t%d\t%d", name, bills[0][i].queries, bills[0][i].tables)
		for _, of := range bills {
			fmt.Fprintf(t, "\t%s\t%s", mib(of[i].read), mib(of[i].billed))
		}
		fmt.Fprintln(t, "\t")
	}
	return t.Flush()
}
