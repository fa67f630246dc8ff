package config

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEachMistakeNamesFileLineKeyAndFix(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"unknown key", "timezone: UTC\nweek_strat: monday", `fourfold.yaml:2: week_strat: unknown key: did you mean "week_start"?`},
		{"unknown key inside", "sources:\n  incidentio:\n    base_ulr: x", `fourfold.yaml:3: sources.incidentio.base_ulr: unknown key: did you mean "base_url"?`},
		{"unknown key in a list", "services:\n- name: a\n  tem: b", `fourfold.yaml:3: services[0].tem: unknown key: did you mean "team"?`},
		{"unknown key that exists elsewhere", "failure_window: 24h", `fourfold.yaml:1: failure_window: unknown key: the nearest is "`},
		{"where it exists", "failure_window: 24h", `; there is metrics.failure_window`},
		{"unknown key of odd letters", "\"a b\": 1", `fourfold.yaml:1: ["a b"]: unknown key: `},
		{"duplicate", "data: a\n\ndata: b", `fourfold.yaml:3: data: is given twice, first in line 1: keep one of them`},
		{"duplicate without case", "metrics:\n  durations:\n    A: {from: x, to: y}\n    a: {from: x, to: y}", `fourfold.yaml:4: metrics.durations.a: is given twice, first in line 3: `},
		{"a key that is no text", "1: x", `fourfold.yaml:1: a key here is a number: put the key in quotes`},
		{"merge key", "dbt: &d {threads: 1}\nlog:\n  <<: *d", `fourfold.yaml:3: log["<<"]: is a merge key: `},
		{"tag", "data: !x y", `fourfold.yaml:1: data: has a YAML tag: `},

		{"list for text", "data: [a]", `fourfold.yaml:1: data: is a list: write a path; `},
		{"map for text", "metrics: {cause_field: {a: b}}", `fourfold.yaml:1: metrics.cause_field: is a map of keys: write text`},
		{"number for text", "metrics: {cause_field: 5}", `fourfold.yaml:1: metrics.cause_field: is a number: write text: put the value in quotes`},
		{"text for a map", "metrics: all", `fourfold.yaml:1: metrics: is text: write keys and values here`},
		{"text for a list", "services: api", `fourfold.yaml:1: services: is text: write a list, such as [a, b]`},
		{"text for a strict list", "sources: {incidentio: {streams: incidents}}", `sources.incidentio.streams: is text: write a list`},
		{"nothing for text", "data:", `fourfold.yaml:1: data: has no value: write a path`},
		{"nothing for a number", "warehouse: {threads: ~}", `warehouse.threads: has no value: write a whole number, or leave the key out`},
		{"text for a bool", "metrics: {count_redeploys: \"yes\"}", `metrics.count_redeploys: "yes" is not true or false: `},
		{"quoted number", "warehouse: {threads: \"2\"}", `warehouse.threads: "2" is not a whole number from 0 up: write a whole number such as 2, without quotes`},
		{"fraction for an integer", "warehouse: {threads: 1.5}", `warehouse.threads: "1.5" is not a whole number`},
		{"negative", "warehouse: {threads: -1}", `warehouse.threads: "-1" is not a whole number from 0 up`},
		{"zero threads", "dbt: {threads: 0}", `dbt.threads: is zero: write something above zero`},
		{"negative price", "warehouse: {price_per_tib: -1}", `warehouse.price_per_tib: "-1" is not a number from 0 up`},
		{"not a number", "warehouse: {price_per_tib: .nan}", `warehouse.price_per_tib: ".nan" is not a number from 0 up`},
		{"empty item", "metrics: {acknowledge: [\"\"]}", `metrics.acknowledge[0]: is empty: `},

		{"time zone", "timezone: Asia/Tokio", `fourfold.yaml:1: timezone: "Asia/Tokio" is not a time zone: write an IANA name such as UTC`},
		{"the machine's time zone", "timezone: Local", `timezone: "Local" is not a time zone`},
		{"enum", "week_start: munday", `week_start: "munday" is not known: write one of monday, sunday (did you mean "monday"?)`},
		{"far from any word", "privacy: {people: everybody}", `privacy.people: "everybody" is not known: write one of hash, include, drop`},
		{"duration without a unit", "sources: {incidentio: {overlap: 10}}", `sources.incidentio.overlap: "10" is not a duration: write a number and its unit`},
		{"negative duration", "schedule: {jitter: -5s}", `schedule.jitter: "-5s" is not a duration`},
		{"endless duration", "schedule: {timeout: 999999w}", `schedule.timeout: "999999w" is too long a duration`},
		{"zero duration", "schedule: {timeout: 0s}", `schedule.timeout: is zero`},
		{"zero refresh", "sources: {incidentio: {refresh: {recent: 0d}}}", `sources.incidentio.refresh.recent: is zero`},
		{"percent", "sources: {incidentio: {max_deletions: 5}}", `sources.incidentio.max_deletions: "5" is not a percentage from 0% to 100%: write a percentage such as 5%`},
		{"more than all", "sources: {github: {budget: 101%}}", `sources.github.budget: "101%" is not a percentage`},
		{"no budget", "sources: {github: {budget: 0%}}", `sources.github.budget: is zero`},
		{"bytes", "warehouse: {memory_limit: 1G}", `warehouse.memory_limit: "1G" is not an amount of bytes: write a number and its unit, such as 512MiB or 20GiB`},
		{"little memory", "warehouse: {memory_limit: 1MiB}", `warehouse.memory_limit: is too little to work with: write 64MiB or more`},
		{"date", "sources: {incidentio: {since: 01/02/2024}}", `sources.incidentio.since: "01/02/2024" is not a date: write a day such as 2024-01-31`},
		{"day that is none", "sources: {incidentio: {since: 2024-02-30}}", `"2024-02-30" is not a date`},
		{"address", "sources: {incidentio: {base_url: api.incident.io}}", `sources.incidentio.base_url: "api.incident.io" is not an http or https address: `},
		{"scheme", "sources: {github: {api_url: \"ftp://x\"}}", `sources.github.api_url: "ftp://x" is not an http`},
		{"empty address", "sources: {incidentio: {base_url: \"\"}}", `sources.incidentio.base_url: "" is not an http or https address`},
		{"address with a query", "dashboard: {public_url: \"https://x/?a=b\"}", `dashboard.public_url: the address has a "?" or "#"`},
		{"port", "redash: {url: \"http://x:70000\"}", `redash.url: "http://x:70000" has a port that does not exist`},
		{"cron", "schedule: {run: \"* * * *\"}", `schedule.run: "* * * *" is not a cron line (`},
		{"cron range", "schedule: {run: \"99 * * * *\"}", `schedule.run: "99 * * * *" is not a cron line (end of range (99) above maximum`},
		{"cron zone alone", "schedule: {run: \"TZ=UTC\"}", `schedule.run: "TZ=UTC" is not a cron line`},
		{"cron never", "schedule: {run: \"0 0 31 2 *\"}", `schedule.run: "0 0 31 2 *" names a day that never comes`},
		{"glob", "metrics: {hotfix: {branches: [\"[\"]}}", `metrics.hotfix.branches[0]: "[" is not a pattern`},
		{"listen", "dashboard: {listen: 8080}", `dashboard.listen: "8080" is not an address to listen on: write host:port`},
		{"listen port", "dashboard: {listen: \"x:http\"}", `dashboard.listen: "x:http" is not an address to listen on`},
		{"window", "metrics: {failure_window: 24}", `metrics.failure_window: "24" is neither a duration nor unlimited or off: write a duration such as 24h, or unlimited, or off`},
		{"levels", "metrics: {levels: 2022}", `metrics.levels: there are no levels of 2022: write 2023`},
		{"levels of clusters", "metrics: {levels: 2024}", `metrics.levels: the levels of 2024 are clusters, not thresholds that can be applied: write 2023`},
		{"levels after", "metrics: {levels: 2025}", `metrics.levels: the reports after 2024 publish no levels: write 2023`},

		{"no start", "metrics: {restore: {start: []}}", `metrics.restore.start: is empty, so that no incident would have a number: write e.g. [created_at]`},
		{"mode", "metrics: {counted: {modes: [standart]}}", `metrics.counted.modes[0]: "standart" is not known: `},
		{"links", "metrics: {links: links.txt}", `metrics.links: is neither a CSV nor a YAML file`},
		{"duration's end", "metrics: {durations: {D: {from: a}}}", `metrics.durations.D.to: is missing: add it, e.g. to: Reported at`},
		{"duration of no letter", "metrics: {durations: {\"?!\": {from: a, to: b}}}", `metrics.durations["?!"]: has neither a letter nor a digit in its name: name its metrics, e.g. Detection`},
		{"duration of a metric's name", "metrics: {durations: {Time to restore: {from: a, to: b}}}", `metrics.durations["Time to restore"]: would give the metric time_to_restore_median_seconds, which is there already: give the duration another name`},
		{"durations of one slug", "metrics:\n  durations:\n    First reply: {from: a, to: b}\n    first-reply: {from: a, to: c}", `fourfold.yaml:4: metrics.durations.first-reply: would give the same metrics as metrics.durations["First reply"]: first_reply_median_seconds: give one of them another name`},
		{"duration of nothing", "metrics: {durations: {D: {from: a, to: A}}}", `metrics.durations.D.to: is the timestamp that it starts from`},
		{"goal", "metrics: {goals: {leadtime: 1h}}", `metrics.goals.leadtime: unknown key: did you mean "lead_time"?`},
		{"goal's type", "metrics: {goals: {change_failure_rate: 24h}}", `metrics.goals.change_failure_rate: "24h" is not a percentage`},
		{"goal's number", "metrics: {goals: {deployments_per_day: 0}}", `metrics.goals.deployments_per_day: is zero`},

		{"service without a name", "services:\n- team: a", `fourfold.yaml:2: services[0].name: is missing: add it, e.g. name: api`},
		{"service with an empty name", "services: [{name: \"\"}]", `services[0].name: is empty: write e.g. api`},
		{"services of one name", "services:\n- name: api\n- name: API", `fourfold.yaml:3: services[1].name: is given twice, first in line 2: names compare without case: `},
		{"value of two services", "services:\n- {name: a, incident_values: {Product: [X]}}\n- {name: b, incident_values: {product: [y, x]}}", `fourfold.yaml:3: services[1].incident_values.product[1]: names services[0] already: a value names one service`},
		{"workflow missing", "services: [{name: a, deployments: [{from: workflow_runs}]}]", `services[0].deployments[0].workflow: is missing, and from: workflow_runs needs it: add e.g. workflow: deploy.yml`},
		{"pattern missing", "services: [{name: a, deployments: [{from: tags}]}]", `services[0].deployments[0].pattern: is missing, and from: tags needs it`},
		{"branch missing", "services: [{name: a, deployments: [{from: pull_requests}]}]", `services[0].deployments[0].branch: is missing, and from: pull_requests needs it`},
		{"key of another kind", "services: [{name: a, deployments: [{from: deployments, workflow: x}]}]", `services[0].deployments[0].workflow: means nothing for from: deployments: `},
		{"from unknown", "services: [{name: a, deployments: [{from: deploys}]}]", `services[0].deployments[0].from: "deploys" is not known: write one of deployments, workflow_runs, `},
		{"from missing", "services: [{name: a, deployments: [{environment: x}]}]", `services[0].deployments[0].from: is missing: add it, e.g. from: deployments`},
		{"given environment as a pattern", "services: [{name: a, deployments: [{from: tags, pattern: v*, environment: prod-*}]}]", `services[0].deployments[0].environment: is more than a name, but from: tags gives its deployments one`},
		{"no environment", "services: [{name: a, deployments: [{from: deployments, environment: []}]}]", `services[0].deployments[0].environment: names no environment`},
		{"group", "services: [{name: a, deployments: [{from: deployments, group: payload..x}]}]", `services[0].deployments[0].group: is not a place in a row`},

		{"stream", "sources: {incidentio: {streams: [Follow-ups]}}", `sources.incidentio.streams[0]: is not the name of a stream`},
		{"repository", "sources: {github: {repositories: [{name: api}]}}", `sources.github.repositories[0].name: is not a repository: write owner/name`},
		{"repository twice", "sources:\n  github:\n    repositories:\n    - name: a/b\n    - name: A/B", `fourfold.yaml:5: sources.github.repositories[1].name: is given twice, first in line 4`},
		{"app without id", "sources: {github: {app: {installation_id: 1, private_key: x}}}", `sources.github.app.id: is missing: add it, e.g. id: 12345`},
		{"app without key", "sources: {github: {app: {id: 1, installation_id: 1, private_key: \"\"}}}", `sources.github.app.private_key: is empty: `},
		{"file without kind", "sources: {files: [{path: a.csv}]}", `sources.files[0].kind: is missing: add it, e.g. kind: incidents`},
		{"file's column", "sources: {files: [{path: a.csv, kind: incidents, mapping: {nmae: x}}]}", `sources.files[0].mapping.nmae: is not a column of incidents: did you mean "name"?`},
		{"computed column", "sources: {files: [{path: a.csv, kind: incidents, mapping: {is_counted: x}}]}", `sources.files[0].mapping.is_counted: is computed: no file can say it: take it out; the columns of incidents are id, `},
		{"computed column of deployments", "sources: {files: [{path: a.csv, kind: deployments, mapping: {is_rework: x}}]}", `sources.files[0].mapping.is_rework: is computed: no file can say it: `},
		{"one column by two names", "sources: {files: [{path: a.csv, kind: deployments, mapping: {deployment_id: x, id: y}}]}", `sources.files[0].mapping.id: stands beside deployment_id, which is the same: keep one of them`},
		{"column of the other kind", "sources: {files: [{path: a.csv, kind: deployments, mapping: {severity: x}}]}", `sources.files[0].mapping.severity: is not a column of deployments: `},

		{"bigquery without a project", "warehouse:\n  type: bigquery\n  dataset: x", `fourfold.yaml:1: warehouse.project: is missing, and BigQuery needs it: add e.g. project: my-project`},
		{"bucket", "warehouse: {bucket: \"gs://x\"}", `warehouse.bucket: is not the name of a bucket: write the name alone`},
		{"label", "warehouse: {labels: {Team: x}}", `warehouse.labels.Team: is not a label`},
		{"user without a password", "dashboard: {auth: {user: x}}", `dashboard.auth.password: is missing, but there is a user`},
		{"password without a user", "dashboard: {auth: {password: x}}", `dashboard.auth.user: is missing, but there is a password`},
		{"webhook", "digest: {slack: nonsense}", `digest.slack: is not an http or https address`},

		{"no yaml", "a: b: c", `fourfold.yaml:1: is not YAML (`},
		{"reference in a flow map", "digest: {slack: ${X}}", `between { and } put references in quotes: {slack: "${NAME}"}`},
		{"a list", "- a", `fourfold.yaml:1: the file is a list: write keys and values`},
		{"two documents", "data: a\n---\ndata: b", `a second document begins: `},
		{"not UTF-8", "data: a\nlog: \xff", `fourfold.yaml:2: is not UTF-8 text: `},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := messages(t, tt.text, nil)
			if len(got) != 1 {
				t.Fatalf("%d errors, want one:\n%s", len(got), strings.Join(got, "\n"))
			}
			if !strings.Contains(got[0], tt.want) || strings.HasPrefix(tt.want, "fourfold.yaml") && !strings.HasPrefix(got[0], tt.want) {
				t.Errorf("got  %s\nwant %s", got[0], tt.want)
			}
			if !strings.HasPrefix(got[0], "fourfold.yaml:") || strings.HasPrefix(got[0], "fourfold.yaml: ") {
				t.Errorf("no line: %s", got[0])
			}
		})
	}
}

func TestAllMistakesAreReportedAtOnceInTheOrderOfLines(t *testing.T) {
	_, err := parse("conf/fourfold.yaml", []byte(`log: {level: loud}
metrics:
  levels: 1999
  failure_window: soon
timezone: Nowhere
data: ${FOURFOLD_DATA}
nonsense: 1
services: [{name: a}, {name: A}]
`), noEnv)
	var errs Errors
	if !errors.As(err, &errs) {
		t.Fatalf("got %T: %v", err, err)
	}
	var got []string
	for _, e := range errs {
		got = append(got, e.Key)
		if e.File != "conf/fourfold.yaml" || e.Problem == "" || e.Fix == "" {
			t.Errorf("%s lacks its file, problem or fix", e)
		}
	}
	want := []string{"log.level", "metrics.levels", "metrics.failure_window", "timezone", "data", "nonsense", "services[1].name"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	if one := new(Error); !errors.As(err, &one) || one.Line != 1 {
		t.Errorf("the first error as *Error: got %v", one)
	}
}

func TestAMistakeIsReportedOnce(t *testing.T) {
	for _, text := range []string{
		"services: [{name: [x]}]", "metrics: {levels: x}", "metrics: {restore: {start: {}}}", "warehouse: {memory_limit: x}",
		"warehouse: {type: bigquery, project: [], dataset: x}", "services: [{name: a, deployments: [{from: tags, pattern: \"[\"}]}]",
		"sources: {github: {repositories: [{name: \"[\"}]}}", "dashboard: {auth: {user: x, password: 1}}",
	} {
		if got := messages(t, text, nil); len(got) != 1 {
			t.Errorf("%s: %d errors:\n%s", text, len(got), strings.Join(got, "\n"))
		}
	}
}

func TestAliasesShareAValueAndCannotMakeTheFileEndless(t *testing.T) {
	c := load(t, `
services:
- name: a
  deployments: &both [{from: tags, pattern: "v*"}]
- name: b
  deployments: *both
`, nil)
	if diff := cmp.Diff(c.Services[0].Deployments, c.Services[1].Deployments); diff != "" {
		t.Errorf("shared value (-a +b):\n%s", diff)
	}
	names := "[" + strings.Repeat("a,", 2000) + "]"
	deployments := "[" + strings.Repeat("*d,", 200) + "]"
	got := messages(t, "services:\n- {name: a, deployments: [&d {from: deployments, environment: "+names+"}]}\n- {name: b, deployments: "+deployments+"}\nmetrics: {goals: {lead_time: 1h}}", nil)
	if len(got) != 1 || !strings.Contains(got[0], "is part of too large a file") {
		t.Errorf("got %q", got)
	}
	if got := messages(t, "services: &a [*a]", nil); len(got) == 0 {
		t.Error("a list in itself was accepted")
	}
}

func TestNearestCountsEdits(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"abc", "", 3},
		{"abc", "abc", 0},
		{"ABC", "abc", 0},
		{"abc", "acb", 1},
		{"kitten", "sitting", 3},
		{"ulr", "url", 1},
		{"日本", "日本語", 1},
		{"base_ulr", "base_url", 1},
	} {
		if got := edits(tt.a, tt.b); got != tt.want {
			t.Errorf("edits(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}
