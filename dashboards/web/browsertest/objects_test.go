package browsertest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// texts reads one column by SQL of its own; nothing is shared with the page's queries.
func (m marts) texts(t *testing.T, q string, args ...any) []string {
	t.Helper()
	rows, err := m.db.Query("select coalesce(cast(v as varchar), '') from ("+q+") as x (v)", args...)
	if err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	defer rows.Close()
	out := []string{}
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// text reads one value that must be there.
func (m marts) text(t *testing.T, q string, args ...any) string {
	t.Helper()
	got := m.texts(t, q, args...)
	if len(got) != 1 {
		t.Fatalf("%s: %d rows", q, len(got))
	}
	return got[0]
}

// Incidents and deployments that have everything, and such as have next to nothing.
const (
	linkedSQL = `select incident_id from fct_incidents where is_counted and restored_at is not null
		and incident_id in (select incident_id from fct_incident_deployments where role = 'fix')
		and incident_id in (select incident_id from fct_incident_deployments where role = 'cause')
		and incident_id in (select incident_id from fct_follow_ups) and incident_id in (select incident_id from fct_postmortems)
		order by started_at desc limit 1`
	unlinkedSQL = `select incident_id from fct_unlinked_incidents join fct_incidents using (incident_id) where restored_at is not null
		and time_to_restore_seconds is not null order by fct_incidents.started_at desc limit 1`
	openSQL       = `select incident_id from fct_incidents where is_counted and restored_at is null and status_category = 'live' order by started_at desc limit 1`
	uncountedSQL  = `select incident_id from fct_incidents where mode = 'test' order by started_at desc limit 1`
	mergedSQL     = `select incident_id from fct_incidents where status_category = 'merged' order by started_at desc limit 1`
	noSeveritySQL = `select incident_id from fct_incidents where severity is null and is_counted and restored_at is not null order by started_at desc limit 1`
	reopenedSQL   = `select incident_id from fct_incidents where reopened_count > 0 and is_counted and restored_at is not null order by started_at desc limit 1`

	causingSQL = `select deployment_id from fct_incident_deployments join fct_deployments using (deployment_id)
		where role = 'cause' and method = 'pull_request' and changes_shipped > 1 and recovery_seconds > 0 order by deployment_id desc limit 1`
	fixingSQL   = `select deployment_id from fct_incident_deployments where role = 'fix' order by deployment_id desc limit 1`
	rollbackSQL = `select deployment_id from fct_deployments where kind = 'rollback' and is_counted order by deployment_id desc limit 1`
	failedSQL   = `select deployment_id from fct_deployments where status = 'failure' order by deployment_id desc limit 1`
	baselineSQL = `select deployment_id from fct_deployments where kind = 'baseline' order by deployment_id desc limit 1`
)

// objectPages are pages of each kind, by a name for their pictures.
func objectPages(t *testing.T, m marts) map[string]string {
	out := map[string]string{}
	for name, q := range map[string]string{
		"incident": linkedSQL, "incident-open": openSQL, "incident-drill": uncountedSQL, "deployment": causingSQL, "deployment-failed": failedSQL,
	} {
		kind, _, _ := strings.Cut(name, "-")
		out[name] = "/" + kind + "s/" + url.PathEscape(m.text(t, q))
	}
	return out
}

func TestPagesOfObjectsFitEveryScreenInBothLanguagesAndColourSchemes(t *testing.T) {
	t.Parallel()
	m := openMarts(t)
	address, log := serveDashboard(t, m, "en")
	browser := newBrowser(t)
	for name, path := range objectPages(t, m) {
		for _, lang := range []string{"en", "ja"} {
			for _, v := range []view{desktop, {width: 390, height: 844, phone: true, dark: lang == "ja"}, {width: 320, height: 700}, {width: 800, height: 700, dark: true}} {
				b := open(t, browser, v, address+path+"?lang="+lang)
				if w := eval[int64](b, "document.documentElement.scrollWidth"); w > v.width {
					t.Errorf("%s %s: the page is %d pixels wide on a screen of %d", name, lang, w, v.width)
				}
				picture := fmt.Sprintf("%s-%s-%d", name, lang, v.width)
				if v.dark {
					picture += "-dark"
				}
				b.save(picture)
				b.quiet()
			}
		}
	}
	if log.Len() > 0 {
		t.Error(log)
	}
}

func TestPagesOfObjectsAreAccessible(t *testing.T) {
	t.Parallel()
	axe, err := os.ReadFile(*axeFile)
	if err != nil {
		t.Fatalf("%v: `make test` installs axe-core there; by hand: npm install axe-core and -axe FILE", err)
	}
	m := openMarts(t)
	address, _ := serveDashboard(t, m, "en")
	browser := newBrowser(t)
	pages := objectPages(t, m)
	pages["missing"] = "/incidents/INC-0"
	for name, path := range pages {
		for looked, v := range map[string]view{"?lang=en": {width: 1280, height: 900, dark: true}, "?lang=ja": phone, "?theme=light": desktop} {
			b := open(t, browser, v, address+path+looked)
			eval[int](b, `document.querySelectorAll('details').forEach(d => d.open = true), 1`)
			b.do("load axe-core", chromedp.Evaluate[chromedp.Void](string(axe)))
			found, err := chromedp.Run(b, chromedp.Evaluate[[]string](`axe.run(document, {
				runOnly: {type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']},
			}).then(r => r.violations.map(v => v.id + ': ' + v.help + '\n    ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + ' ' + n.failureSummary).join('\n    ')))`,
				chromedp.EvalAwaitPromise))
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range found {
				t.Errorf("%s%s: %s", name, looked, f)
			}
		}
	}
}

// An instant as pages have it for machines, of a value of SQL in UTC.
const machine = `strftime(%s, '%%Y-%%m-%%dT%%H:%%M:%%SZ')`

// Every number and timestamp of an incident's page is that of plain SQL over the marts.
func TestThePageOfAnIncidentEqualsSQLOnTheMarts(t *testing.T) {
	m := openMarts(t)
	address, _ := serveDashboard(t, m, "en")
	browser := newBrowser(t)
	at := func(column string) string { return fmt.Sprintf(machine, column) }
	for _, q := range []string{linkedSQL, unlinkedSQL, openSQL, uncountedSQL, mergedSQL, noSeveritySQL, reopenedSQL} {
		id := m.text(t, q)
		b := open(t, browser, desktop, address+"/incidents/"+id)
		one := func(js string) string { return eval[string](b, js) }
		incident := func(expression string) string {
			return m.text(t, "select "+expression+" from fct_incidents where incident_id = ?", id)
		}
		if got, want := one(`document.querySelector('.bigs .value').dataset.value ?? ""`), incident("time_to_restore_seconds"); got != want {
			t.Errorf("%s: time to restore %q, SQL %q", id, got, want)
		}
		steps := eval[[]string](b, `[...document.querySelectorAll('.steps dd')].map(d => d.querySelector('time')?.dateTime ?? "")`)
		if want := []string{incident(at("started_at")), incident(at("acknowledged_at")), incident(at("restored_at"))}; !slices.Equal(steps, want) {
			t.Errorf("%s: steps %q, SQL %q", id, steps, want)
		}
		// All that happened, in order: what SQL finds in the marts and what the numbers rest on besides.
		times := eval[[]string](b, `[...document.querySelectorAll('.times tbody time')].map(x => x.dateTime)`)
		if !slices.IsSorted(times) {
			t.Errorf("%s: the timeline is not in order: %q", id, times)
		}
		want := m.texts(t, `select `+at("v")+` from (
			select created_at as v from fct_incidents where incident_id = $1
			union all select "at" from fct_incident_timestamps where incident_id = $1
			union all select started_at from fct_incident_status_intervals where incident_id = $1
			union all select finished_at from (select distinct deployment_id, role, finished_at from fct_incident_deployments join fct_deployments using (deployment_id) where incident_id = $1))
			order by 1`, id)
		if lacking := without(want, times); len(lacking) > 0 {
			t.Errorf("%s: the timeline lacks %q", id, lacking)
		}
		for use, column := range map[string]string{"start of time to restore": "started_at", "end of time to acknowledge": "acknowledged_at", "end of time to restore": "restored_at"} {
			got := eval[[]string](b, fmt.Sprintf(`[...document.querySelectorAll('.times tbody tr')].filter(r => r.innerText.includes(%q)).map(r => r.querySelector('time').dateTime)`, use))
			want := slices.DeleteFunc([]string{incident(at(column))}, func(s string) bool { return s == "" })
			if diff := cmp.Diff(want, got, cmp.Transformer("empty", func(s []string) []string { return append([]string{}, s...) })); diff != "" {
				t.Errorf("%s: %s (-SQL +page)\n%s", id, use, diff)
			}
		}
		verdict := one(`document.querySelector('.verdict').innerText`)
		if counted := incident("is_counted") == "true"; counted != strings.HasPrefix(verdict, "It counts") {
			t.Errorf("%s: counted %v, the page says %q", id, counted, verdict)
		} else if rule, _, _ := strings.Cut(incident("exclusion_reason"), " "); !strings.Contains(verdict, rule) {
			t.Errorf("%s: the page does not name %s: %q", id, rule, verdict)
		}
		linked := eval[[]string](b, `[...document.querySelectorAll('#cause .what, #fix .what')].map(a => decodeURIComponent(a.pathname.split('/').pop()))`)
		slices.Sort(linked)
		if want := m.texts(t, "select deployment_id from fct_incident_deployments where incident_id = ? order by 1", id); !slices.Equal(linked, want) {
			t.Errorf("%s: linked %q, SQL %q", id, linked, want)
		}
		if incident("is_counted and time_to_restore_seconds is not null") != "true" {
			continue
		}
		const others = `from fct_incidents as o, (select * from fct_incidents where incident_id = ?) as i where o.is_counted and o.incident_id <> i.incident_id and o.time_to_restore_seconds is not null
			and coalesce(o.severity, '') = coalesce(i.severity, '') and cast(timezone((select timezone from publication), o.restored_at) as date) >= (select as_of_date from publication) - interval 12 months`
		said := m.text(t, `select 'It took longer than ' || count(*) filter (where o.time_to_restore_seconds < i.time_to_restore_seconds) || ' of ' || count(*) || ' other incident' || case when count(*) = 1 then '' else 's' end `+others, id)
		if got := one(`document.querySelector('section[aria-labelledby=h-peers] figcaption').innerText`); !strings.HasPrefix(got, said) {
			t.Errorf("%s: %q, SQL %q", id, got, said)
		}
		if got, want := eval[float64](b, `document.querySelectorAll('.peers.wide .dot').length`), m.one(t, "select count(*)::double "+others, id); fmt.Sprint(got) != want && want < "200" {
			t.Errorf("%s: %v dots, SQL %s", id, got, want)
		}
		b.quiet()
	}
}

// without gives what one list has more of than another.
func without(list, other []string) []string {
	rest := slices.Clone(other)
	var out []string
	for _, v := range list {
		if i := slices.Index(rest, v); i >= 0 {
			rest = slices.Delete(rest, i, i+1)
		} else {
			out = append(out, v)
		}
	}
	return out
}

// So is what a deployment shipped, caused and fixed.
func TestThePageOfADeploymentEqualsSQLOnTheMarts(t *testing.T) {
	m := openMarts(t)
	address, _ := serveDashboard(t, m, "en")
	browser := newBrowser(t)
	for _, q := range []string{causingSQL, fixingSQL, rollbackSQL, failedSQL, baselineSQL} {
		id := m.text(t, q)
		b := open(t, browser, desktop, address+"/deployments/"+url.PathEscape(id))
		list := func(js string) []string { return eval[[]string](b, js) }
		if got, want := list(`[...document.querySelectorAll('.service')].map(s => s.dataset.service)`), m.texts(t, "select service from fct_deployments where deployment_id = ? order by 1", id); !slices.Equal(got, want) {
			t.Errorf("%s: services %q, SQL %q", id, got, want)
		}
		for _, role := range []struct{ id, role string }{{"caused", "cause"}, {"fixed", "fix"}} {
			got := list(fmt.Sprintf(`[...document.querySelectorAll('#%s .what')].map(a => a.pathname.split('/').pop())`, role.id))
			want := m.texts(t, "select incident_id from fct_incident_deployments join fct_incidents using (incident_id) where deployment_id = ? and role = ? order by started_at, incident_id", id, role.role)
			if !slices.Equal(got, want) {
				t.Errorf("%s %s: %q, SQL %q", id, role.id, got, want)
			}
		}
		got := list(`[...document.querySelectorAll('tr[data-change]')].map(r => [r.dataset.change, ...[...r.querySelectorAll('td.num')].map(c => c.dataset.value ?? "")].join(' '))`)
		want := m.texts(t, `select concat_ws(' ', change_id, coalesce(lead_time_seconds::varchar, ''), coalesce(coding_seconds::varchar, ''), coalesce(review_seconds::varchar, ''), coalesce(deploy_seconds::varchar, ''))
			from (select distinct on (change_id) * from fct_changes where deployment_id = ?) order by lead_time_seconds desc nulls last, change_id`, id)
		if diff := cmp.Diff(want, got); diff != "" && len(want)+len(got) > 0 {
			t.Errorf("%s: changes (-SQL +page)\n%s", id, diff)
		}
		if got, want := len(list(`[...document.querySelectorAll('details.numbers tbody tr')].map(r => r.innerText)`)), len(m.texts(t, "select distinct sha from fct_commits where deployment_id = ?", id)); got != want {
			t.Errorf("%s: %d commits, SQL %d", id, got, want)
		}
		page := eval[string](b, "document.querySelector('main').innerText")
		failed := m.text(t, "select bool_or(is_change_failure) from fct_deployments where deployment_id = ?", id) == "true"
		if badge := strings.Contains(eval[string](b, `document.querySelector('.badges').innerText`), "Change failure"); badge != failed {
			t.Errorf("%s: failed %v, the page says %v", id, failed, badge)
		}
		for _, next := range m.texts(t, "select distinct previous_deployment_id from fct_deployments where deployment_id = $1 and previous_deployment_id is not null union select deployment_id from fct_deployments where previous_deployment_id = $1", id) {
			if !strings.Contains(page, next) {
				t.Errorf("%s does not name %s, which is beside it", id, next)
			}
		}
		b.quiet()
	}
}

// From the list to an incident, to the deployment that caused it, and back; and what is on GitHub and incident.io is a link there.
func TestACauseCanBeFollowedFromTheIncidentAndBack(t *testing.T) {
	m := openMarts(t)
	address, log := serveDashboard(t, m, "en")
	browser := newBrowser(t)
	id := m.text(t, linkedSQL)
	b := open(t, browser, desktop, address+"/incidents?range=18m&incident="+id)
	row := fmt.Sprintf(`tbody[data-incident="%s"]`, id)
	if eval[bool](b, fmt.Sprintf(`document.querySelector('%s .ref') !== null`, row)) {
		b.do("follow the reference", chromedp.Click(row+" .ref"), chromedp.WaitReady(`main[data-incident]`))
	} else {
		t.Fatalf("%s is not in the list", id)
	}
	if got := eval[string](b, `document.querySelector('main').dataset.incident`); got != id {
		t.Fatalf("the reference of %s leads to %s", id, got)
	}
	for _, link := range []struct{ selector, to string }{{".badges .away", "https://app.incident.io/"}, {"#cause .away", "https://github.com/"}} {
		if got := eval[string](b, fmt.Sprintf(`document.querySelector(%q).href`, link.selector)); !strings.HasPrefix(got, link.to) {
			t.Errorf("%s leads to %s", link.selector, got)
		}
	}
	cause := m.text(t, "select deployment_id from fct_incident_deployments where role = 'cause' and incident_id = ?", id)
	b.do("follow the cause", chromedp.Click("#cause .what"), chromedp.WaitReady(`main[data-deployment]`))
	if got := eval[string](b, `document.querySelector('main').dataset.deployment`); got != cause {
		t.Errorf("the cause of %s is %s, the page is of %s", id, cause, got)
	}
	b.do("go back to the incident", chromedp.Click(fmt.Sprintf(`#caused .what[href$="%s"]`, id)), chromedp.WaitReady(`main[data-incident]`))
	if got := eval[string](b, `document.querySelector('main').dataset.incident`); got != id {
		t.Errorf("back at %s", got)
	}
	// A mark of the drawing leads there, too.
	if got := eval[string](b, `decodeURIComponent(document.querySelector('.timeline.wide a').getAttribute('href').split('/').pop())`); got != cause {
		t.Errorf("the first mark of the timeline leads to %s", got)
	}
	b.quiet()
	if log.Len() > 0 {
		t.Error(log)
	}
}

// Ids are what sources say. Whatever letters they have, their pages are reached by the links to them.
func TestAnyIdHasAnAddress(t *testing.T) {
	ids := []string{`tags:acme/api@v1..2`, `..`, `.`, `~x`, `files:a/../b`, `100%25 #?&"<b>'`, `決済/リリース:１`, `a b+c;d`, `//x//`, `%2F`}
	var odd strings.Builder
	odd.WriteString(fixtureSQL)
	for i, id := range ids {
		quoted := "'" + strings.ReplaceAll(id, "'", "''") + "'"
		fmt.Fprintf(&odd, "\ninsert into fct_deployments select * replace (%s as deployment_id) from fct_deployments where deployment_id = (%s);", quoted, causingSQL)
		fmt.Fprintf(&odd, "\ninsert into fct_incidents select * replace (%s as incident_id, 'ODD-%d' as reference) from fct_incidents where incident_id = 'inc00236';", quoted, i)
		fmt.Fprintf(&odd, "\ninsert into fct_incident_deployments select * replace (%[1]s as deployment_id, %[1]s as incident_id) from fct_incident_deployments where role = 'cause' limit 1;", quoted)
	}
	m := openBuild(t, makeFixture(t, odd.String()))
	address, log := serveDashboard(t, m, "en")
	browser := newBrowser(t)
	for i, id := range ids {
		b := open(t, browser, desktop, address+fmt.Sprintf("/incidents/odd-%d", i)) // by what people call it
		at := func(kind string) {
			t.Helper()
			if got := eval[string](b, fmt.Sprintf("document.querySelector('main').dataset.%s ?? ''", kind)); got != id {
				t.Errorf("%q: the page is of the %s %q", id, kind, got)
			}
		}
		at("incident")
		b.do("follow the cause", chromedp.Click("#cause .what"), chromedp.WaitReady(`main[data-deployment]`))
		at("deployment")
		b.do("go back", chromedp.Click("#caused .what"), chromedp.WaitReady(`main[data-incident]`))
		at("incident")
		file := eval[string](b, `[...document.querySelectorAll('.downloads a')].pop().href`)
		var rows struct {
			Incident []struct {
				ID string `json:"incident_id"`
			}
		}
		if err := json.Unmarshal([]byte(get(t, file, 200)), &rows); err != nil || len(rows.Incident) != 1 || rows.Incident[0].ID != id {
			t.Errorf("%q: %s: %v %v", id, file, rows, err)
		}
		b.quiet()
	}
	if log.Len() > 0 {
		t.Error(log)
	}
}

func TestWhatIsNotThereSaysHowToSearch(t *testing.T) {
	m := openMarts(t)
	address, log := serveDashboard(t, m, "en")
	for path, hint := range map[string]string{
		"/incidents/INC-0": "from fct_incidents", "/deployments/deployments:0": "from fct_deployments", "/incidents/%3Cscript%3E": "&lt;script&gt;",
		"/api/incidents/INC-0.json": "from fct_incidents", "/api/deployments/x": "There is no such page", "/incidents/%FF": "There is no such page",
	} {
		if page := get(t, address+path, 404); !strings.Contains(page, hint) {
			t.Errorf("%s does not say %q:\n%s", path, hint, page)
		}
	}
	if log.Len() > 0 {
		t.Error(log)
	}
}

// The tests of package web run on what DuckDB says about one incident and one deployment.
func TestTheRecordedAnswersAboutObjectsAreWhatDuckDBSays(t *testing.T) {
	if *buildFile != "" {
		t.Fatal("the recording is of the fixture: run this test without -build")
	}
	r := &recorder{marts: openMarts(t), answers: map[string]recording{}}
	address, log := serveDashboard(t, r, "en")
	get(t, address+"/incidents/"+r.text(t, linkedSQL), 200)
	get(t, address+"/deployments/"+r.text(t, causingSQL), 200)
	if log.Len() > 0 {
		t.Fatal(log.String())
	}
	maps.DeleteFunc(r.answers, func(name string, _ recording) bool {
		return !strings.HasPrefix(name, "one_") && !strings.HasPrefix(name, "incident_") // the others are in build.json
	})
	r.compare(t, "objects.json")
}
