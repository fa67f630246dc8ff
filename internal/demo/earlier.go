package demo

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"fourfold/internal/demo/expect"
)

// Before incident.io and GitHub's deployments the shop had other tools; of their histories there are two files. The one for
// incidents wrote the time of its maker's country.
const (
	earlierIncidents   = "history/incidents.csv"
	earlierDeployments = "history/deploys.ndjson"
	earlierZone        = "America/Los_Angeles"
)

// filed is a deployment of the earlier tool.
type filed struct {
	repo              *repo
	build             int
	sha               string
	started, finished time.Time
	failed            bool
}

func (f filed) result() string {
	if f.failed {
		return "FAILURE"
	}
	return "SUCCESS"
}

func (f filed) expected() expect.Deployment {
	d := expect.Deployment{
		Source: "files", ID: fmt.Sprintf("api-%d", f.build), SHA: f.sha, Task: "deploy", Service: "api", Environment: "production", Created: f.started, Status: "failure",
	}
	if !f.failed {
		d.Status, d.Success = "success", f.finished
	}
	return d
}

// file makes the deployments of the earlier tool: the commits of the weeks before the first release that GitHub knows, each
// some hours after it was there, and one attempt that failed.
func (c *coder) file() {
	r := c.repos[0]
	build := 811
	var last time.Time
	for n, t := range r.main {
		at := working(r.rng, t.at.Add(2*time.Hour)).Truncate(time.Minute)
		if n%4 == 2 || !at.After(last) || !at.Before(c.from.Add(-time.Hour)) {
			continue
		}
		if n == 5 {
			c.filed = append(c.filed, filed{r, build, t.sha, at.Add(-9 * time.Minute), at.Add(-4 * time.Minute), true})
			build++
		}
		c.filed = append(c.filed, filed{r, build, t.sha, at, at.Add(4 * time.Minute), false})
		build, last = build+1, at.Add(5*time.Minute)
	}
}

// deploysFile is an NDJSON with the columns of the tool; times are local ones, of Japan. Its last line was written while the
// tool was switched off.
func (c *coder) deploysFile() string {
	var b strings.Builder
	local := func(t time.Time) string { return t.In(jst).Format("2006-01-02 15:04") }
	write := func(f filed, finished string) {
		line, _ := json.Marshal(struct { // texts and a number: never fails
			ID         string `json:"id"`
			Repository string `json:"repository"`
			Commit     string `json:"commit"`
			Env        string `json:"env"`
			Result     string `json:"result"`
			Started    string `json:"started"`
			Finished   string `json:"finished"`
		}{fmt.Sprintf("api-%d", f.build), f.repo.code.FullName(), f.sha, "production", f.result(), local(f.started), finished})
		b.Write(append(line, '\n'))
	}
	for _, f := range c.filed {
		write(f, local(f.finished))
	}
	if len(c.filed) > 0 {
		f := c.filed[len(c.filed)-1]
		f.build, f.started = f.build+1, f.started.Add(26*time.Hour)
		write(f, "running")
	}
	return b.String()
}

// reported is an incident of the earlier tool.
type reported struct {
	number                      int
	name, severity              string
	started, noticed, recovered time.Time
	services                    []string
}

// earlier makes the incidents of the three months before incident.io was there.
func (m *maker) earlier() []reported {
	var out []reported
	zone, err := time.LoadLocation(earlierZone)
	if err != nil {
		panic("demo: " + err.Error()) // it is part of the program
	}
	for at := m.from.AddDate(0, -3, 0); ; {
		at = at.Add(m.spread(66*time.Hour, 0.8))
		started := at.Truncate(time.Minute)
		if !started.Before(m.from.AddDate(0, 0, -2)) {
			return out
		}
		s := services[m.anyService()]
		rank := severityRank(m.rng.Float64())
		x := reported{
			number: 301 + len(out), name: s.symptoms[m.rng.IntN(len(s.symptoms))].ja, severity: []string{"", "Minor", "Major", "Critical"}[rank], started: started,
			noticed: started.Add(m.spread(14*time.Minute, 0.7)).Truncate(time.Minute), services: []string{s.name},
		}
		x.recovered = x.noticed.Add(m.spread(repairMedians[rank]*5/4, 0.7)).Truncate(time.Minute).Add(time.Minute)
		if m.chance(0.12) {
			x.services = append(x.services, services[(m.anyService()+1)%len(services)].name)
		}
		if m.chance(0.06) {
			x.recovered = time.Time{} // nobody wrote it down
		}
		if hour := x.started.In(zone).Hour(); hour == 1 || x.recovered.In(zone).Hour() == 1 || x.noticed.In(zone).Hour() == 1 {
			continue // such a time may be there twice, when summer ends
		}
		out = append(out, x)
	}
}

// incidentsFile is a CSV as a spreadsheet writes it, with one row that nobody can read.
func incidentsFile(all []reported) string {
	zone, _ := time.LoadLocation(earlierZone) // earlier has loaded it
	local := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(zone).Format("2006/01/02 15:04")
	}
	var b strings.Builder
	b.WriteString("\ufeff番号,件名,重要度,影響開始,検知,復旧,サービス,備考\r\n")
	for n, x := range all {
		recovered, note := local(x.recovered), ""
		if n == 3 {
			note = "\"一次対応は手順書どおり。\n恒久対応は別途。\""
		}
		fmt.Fprintf(&b, "IR-%d,%s,%s,%s,%s,%s,%s,%s\r\n", x.number, x.name, x.severity, local(x.started), local(x.noticed), recovered, strings.Join(x.services, "、"), note)
	}
	if n := len(all); n > 0 {
		x := all[n-1]
		fmt.Fprintf(&b, "IR-%d,%s,Minor,%s,,2時間後,%s,時刻は不明\r\n", x.number+1, x.name, local(x.started), x.services[0])
	}
	return b.String()
}

// object writes the incident as the API would, with what the file says of its start, end and services.
func (x reported) object() map[string]any {
	stamp := func(name string, at time.Time) any {
		return map[string]any{"incident_timestamp": map[string]any{"name": name}, "value": map[string]any{"value": at.UTC().Format(time.RFC3339)}}
	}
	id := fmt.Sprintf("IR-%d", x.number)
	out := map[string]any{
		"id": id, "reference": id, "name": x.name, "mode": "standard", "visibility": "public", "created_at": x.noticed.UTC().Format(time.RFC3339),
		"started_at": x.started.UTC().Format(time.RFC3339), "incident_status": map[string]any{"category": "live"},
		"severity":                  map[string]any{"name": x.severity, "rank": map[string]float64{"Minor": 1, "Major": 2, "Critical": 3}[x.severity]},
		"incident_timestamp_values": []any{stamp("Impact started", x.started), stamp("Reported at", x.noticed)},
	}
	var names []any
	for _, s := range x.services {
		names = append(names, s)
	}
	out["services"] = names
	if !x.recovered.IsZero() {
		out["restored_at"], out["incident_status"] = x.recovered.UTC().Format(time.RFC3339), map[string]any{"category": "closed"}
	}
	return out
}
