package pipeline

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"fourfold/transform"
)

// randomRules are the ways in which services of the random organisation take deployments; several have the same.
var randomRules = []string{
	"[{from: deployments, environment: [production, eu]}]",
	"[{from: deployments, environment: [production, eu]}]",
	`[{from: deployments, environment: ["prod*"], group: payload.run}, {from: workflow_runs, workflow: deploy.yml}, {from: tags, pattern: "v*"}]`,
	`[{from: workflow_runs, workflow: deploy.yml, environment: Production}, {from: deployments}, {from: files}]`,
	`[{from: workflow_runs, workflow: deploy.yml, environment: Production}, {from: deployments}, {from: files}]`,
	`[{from: pull_requests, branch: main}, {from: releases, environment: eu}, {from: deployments, environment: eu}]`,
	"[{from: files, environment: ['*']}]",
	"[]",
}

// randomServices gives the names of the services in two of the repositories, and their configuration by name.
func randomServices(r *rand.Rand) (names []string, config map[string]string) {
	config = map[string]string{}
	for i := range 9 {
		name := fmt.Sprintf("s%d", i)
		paths := ""
		if i >= 6 {
			paths = fmt.Sprintf(", paths: ['p%d/**']", i)
		}
		names = append(names, name)
		config[name] = fmt.Sprintf("  - {name: %s, deployments: %s%s}\n", name, randomRules[r.IntN(len(randomRules))], paths)
	}
	return names, config
}

// randomLedger is what is to be known of two repositories: a main line with branches, and reports from every source at times that
// are often the same.
func randomLedger(r *rand.Rand, services []string) []landing {
	var out []landing
	pick := func(names ...string) string { return names[r.IntN(len(names))] }
	for id := 1; id <= 2; id++ {
		repository := fmt.Sprint(id)
		out = append(out, repo(repository, "acme/r"+repository))
		var lines, line []string
		next := func(parents ...string) string {
			name := fmt.Sprintf("%s-%d", repository, len(lines))
			lines = append(lines, strings.Join(append([]string{name}, parents...), " "))
			return name
		}
		line = append(line, next())
		for n := range 14 {
			tip := line[len(line)-1]
			if r.IntN(2) == 0 {
				line = append(line, next(tip))
				continue
			}
			head := next(line[r.IntN(len(line))])
			if r.IntN(2) == 0 {
				head = next(head)
			}
			merge := next(tip, head)
			line = append(line, merge)
			out = append(out, pulled(fmt.Sprintf("PR_%d_%d", id, n), repository, n+1, merge, head, map[string]any{"baseRefName": pick("main", "next"), "mergedAt": minute(r.IntN(20))}))
		}
		paths := map[string][]string{}
		for _, l := range lines {
			var list []string
			for i := 5; i < 9; i++ {
				if r.IntN(2) == 0 {
					list = append(list, fmt.Sprintf("p%d/f%d", i, r.IntN(3)))
				}
			}
			paths[strings.Fields(l)[0]] = list
		}
		out = append(out, changed(commits(repository, lines...), paths)...)
		commit := func(at int) string { // mostly later ones at later times
			if r.IntN(12) == 0 {
				return "gone"
			}
			return line[min(max(0, at*len(line)/20-2+r.IntN(5)), len(line)-1)]
		}
		for n := range 16 {
			at, number := r.IntN(20), 100*id+n
			out = append(out,
				deploy(number, repository, pick("production", "Production", "eu", "prod-2"), commit(at), at, map[string]any{
					"created_at": minute(at - r.IntN(5)), "payload": map[string]any{"run": r.IntN(3)}, "task": pick("deploy", "Deploy", "deploy", "", "deploy:migrate"),
				}),
				ran(1000+number, repository, commit(at), at, r.IntN(2)*(at+r.IntN(5))), tag(repository, fmt.Sprint("v", n), commit(at), r.IntN(20)),
				release(2000+number, repository, fmt.Sprint("v", n), at, at+r.IntN(3)),
				filed(fmt.Sprint("f", number), pick(services...), pick("acme/R"+repository, "acme/cobol", ""), commit(at), at, at+r.IntN(5),
					map[string]any{"environment": pick("production", "EU")}),
			)
		}
	}
	return out
}

func configOf(names []string, config map[string]string) string {
	out := "sources: {github: {repositories: [{name: acme/*, service: [" + strings.Join(names, ", ") + "]}]}}\nservices:\n"
	for _, name := range names {
		out += config[name]
	}
	return out
}

// shipRows are the rows of a build about services, sorted; by table and service.
func (l *githubLedger) shipRows() map[string]map[string][]string {
	l.t.Helper()
	out := map[string]map[string][]string{}
	for _, table := range transform.Ship {
		columns := "*"
		if slices.ContainsFunc(table.Columns, func(c transform.Column) bool { return c.Name == "service" }) {
			columns = "service, *"
		}
		rows := map[string][]string{}
		for _, line := range l.query("select " + columns + " from " + table.Name) {
			service := ""
			if columns != "*" {
				service, line, _ = strings.Cut(line, " ")
			}
			rows[service] = append(rows[service], line)
		}
		for _, lines := range rows {
			slices.Sort(lines)
		}
		out[table.Name] = rows
	}
	return out
}

func sorted(lines []string) []string {
	slices.Sort(lines)
	return lines
}

func randomSeeds() int {
	if os.Getenv("FOURFOLD_SOAK") == "1" {
		return 60
	}
	return 2
}

// TestServicesTogetherAreWhatEachIsAlone: what services share of the walk, and what is copied, changes nothing. Only of the
// commits that baselines had more are told where others were sent them (L2).
func TestServicesTogetherAreWhatEachIsAlone(t *testing.T) {
	poor := 0
	for seed := range randomSeeds() {
		r := rand.New(rand.NewPCG(uint64(seed), 4))
		names, config := randomServices(r)
		l := &githubLedger{t: t, dir: t.TempDir()}
		l.run(1, randomLedger(r, names)...)
		l.ship(configOf(names, config), 2)
		together := l.shipRows()
		for _, name := range names {
			l.ship(configOf([]string{name}, config), 2)
			alone := l.shipRows()
			for _, table := range transform.Ship {
				got, want := together[table.Name][name], alone[table.Name][name]
				if table == transform.ShipBaselineCommits {
					for _, row := range want {
						if !slices.Contains(got, row) {
							t.Errorf("seed %d: %s lacks %s", seed, table.Name, row)
						}
					}
					continue
				}
				same(t, fmt.Sprintf("seed %d: %s of %s", seed, table.Name, name), got, want)
			}
		}
		if len(together["ship_deployments"]) < 8 || len(together["shipped_commits"]) < 4 {
			poor++
		}
	}
	if poor > randomSeeds()/10 {
		t.Errorf("%d of %d seeds have next to nothing", poor, randomSeeds())
	}
}

// TestS3TheOrderOfTheLedgersChangesNothing: rows that come in another order, in other batches, are the same tables.
func TestS3TheOrderOfTheLedgersChangesNothing(t *testing.T) {
	for seed := range randomSeeds() {
		r := rand.New(rand.NewPCG(uint64(seed), 5))
		names, config := randomServices(r)
		records := randomLedger(r, names)
		var first map[string]map[string][]string
		for range 2 {
			l := &githubLedger{t: t, dir: t.TempDir()}
			cut := r.IntN(len(records))
			l.run(1, records[:cut]...)
			l.run(2, records[cut:]...)
			l.ship(configOf(names, config), 3)
			if rows := l.shipRows(); first == nil {
				first = rows
			} else {
				same(t, fmt.Sprint("seed ", seed), rows, first)
			}
			r.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
		}
	}
}

// TestC3PartsOfARepositoryAddUp: each commit of a repository that is divided without a rest, and without overlap, is
// shipped by the deployments of exactly one part, and a part's own number of them is their count.
func TestC3PartsOfARepositoryAddUp(t *testing.T) {
	for seed := range randomSeeds() {
		r := rand.New(rand.NewPCG(uint64(seed), 6))
		l := &githubLedger{t: t, dir: t.TempDir()}
		var lands []landing
		for _, x := range randomLedger(r, []string{"none"}) {
			if x.table == transform.GithubCommits { // each in one part
				x = with(x, map[string]any{"paths": []string{fmt.Sprintf("p%d/x", r.IntN(4)), "README.md"}})
			}
			lands = append(lands, x)
		}
		l.run(1, lands...)
		config := "sources: {github: {repositories: [{name: acme/*, service: [all, p0, p1, p2, p3]}]}}\nservices:\n" +
			"  - {name: all, deployments: [{from: deployments, environment: ['*']}]}\n"
		for i := range 4 {
			config += fmt.Sprintf("  - {name: p%d, deployments: [{from: deployments, environment: ['*']}], paths: ['p%d/*']}\n", i, i)
		}
		l.ship(config, 2)
		const commits = `select repository_id, environment, sha, deployment_id from shipped_commits where not is_merge and `
		parts := sorted(l.query(commits + "service <> 'all'"))
		same(t, fmt.Sprintf("seed %d: commits", seed), parts, sorted(l.query(commits+"service = 'all'")))
		if len(parts) == 0 {
			t.Errorf("seed %d ships nothing", seed)
		}
		const counts = `select deployment_id, sum(commits_shipped)::int from ship_deployments where kind is not null and `
		same(t, fmt.Sprintf("seed %d: counts", seed), l.query(counts+"service <> 'all' group by 1 order by 1"), l.query(counts+"service = 'all' group by 1 order by 1"))
		same(t, fmt.Sprintf("seed %d: each count is that of the rows", seed), l.query(`select count(*) from ship_deployments as d where kind is not null and commits_shipped <>
    (select count(*) from shipped_commits as c where c.service = d.service and c.deployment_id = d.deployment_id and not is_merge)`), []string{"0"})
	}
}
