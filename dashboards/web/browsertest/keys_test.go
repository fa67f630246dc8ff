package browsertest

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// The Four Keys that a visitor sees are those of plain SQL over the marts of deployments and changes, whatever is chosen.
func TestTheKeysOnThePageEqualSQLOnTheMarts(t *testing.T) {
	m := openMarts(t)
	address, _ := serveDashboard(t, m, "en")
	browser := newBrowser(t)
	const (
		zone  = `(select timezone from publication)`
		today = `(select as_of_date from publication)`
	)
	first := fmt.Sprintf("greatest(cast(date_trunc('month', %s) - interval 12 month as date), (select min(local_date) from fct_measures where object_type <> 'incident' and %%s))", today)
	name := func(column string) string {
		var v string
		if err := m.db.QueryRow("select " + column + " from fct_deployments where is_counted and " + column + " is not null group by 1 order by count(*) desc, 1 limit 1").Scan(&v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	service, team, repository := name("service"), name("team"), name("repository")
	for _, f := range []struct{ query, where string }{
		{"", "true"},
		{"&service=" + url.QueryEscape(service), "service = '" + service + "'"},
		{"&team=" + url.QueryEscape(team), "team = '" + team + "'"},
		{"&repository=" + url.QueryEscape(repository), "repository = '" + repository + "'"},
		{"&severity=Major", "true"}, // deployments have none
	} {
		b := open(t, browser, desktop, address+"/?range=12m"+f.query)
		from := fmt.Sprintf(first, f.where)
		in := func(column string) string {
			return fmt.Sprintf("is_counted and %s and cast(timezone(%s, %s) as date) >= %s", f.where, zone, column, from)
		}
		// One that lives in several services is one.
		deployments := "(select distinct on (deployment_id) * from fct_deployments where " + in("finished_at") + " order by deployment_id, finished_at, service)"
		changes := "(select distinct on (change_id) * from fct_changes where " + in("deployed_at") + " order by change_id, deployed_at, service)"
		for metric, q := range map[string]string{
			"deployments_per_day":                       fmt.Sprintf("select count(*)::double / (%s - %s + 1) from %s", today, from, deployments),
			"lead_time_median_seconds":                  "select quantile_cont(lead_time_seconds, 0.5) from " + changes,
			"change_failure_rate":                       "select avg(is_change_failure::int) from " + deployments,
			"failed_deployment_recovery_median_seconds": "select quantile_cont(recovery_seconds, 0.5) from " + deployments + " where is_change_failure",
			"rework_rate":                               "select avg(is_rework::int) from " + deployments,
		} {
			want := m.one(t, q)
			got := eval[string](b, fmt.Sprintf(`(v => v === "" ? "" : String(Math.round(v * 1e6) / 1e6))(document.querySelector('[data-key="%s"] .value').dataset.value ?? "")`, metric))
			if got != want {
				t.Errorf("%q %s: the page says %q, SQL %q", f.query, metric, got, want)
			}
			for _, row := range eval[[]string](b, `[...document.querySelectorAll('tr[data-service]')].map(r => r.dataset.service)`) {
				if metric != "change_failure_rate" {
					continue
				}
				got := eval[string](b, fmt.Sprintf(`(v => String(Math.round(v * 1e6) / 1e6))(document.querySelector('tr[data-service="%s"]').children[3].dataset.value)`, row))
				if want := m.one(t, "select avg(is_change_failure::int) from fct_deployments where "+in("finished_at")+" and service = '"+row+"'"); got != want {
					t.Errorf("%q, failure rate of %s: the page says %q, SQL %q", f.query, row, got, want)
				}
			}
		}
		b.quiet()
	}
}

// A company that reads incidents only sees them, and how to add deployments; nothing is broken.
func TestWithoutGitHubThePageHasIncidentsAndSaysHowToAddDeployments(t *testing.T) {
	if *buildFile != "" {
		t.Fatal("the build without deployments is made of the fixture: run this test without -build")
	}
	m := openBuild(t, makeFixture(t, fixtureSQL+withoutGitHub))
	address, log := serveDashboard(t, m, "en")
	browser := newBrowser(t)
	for name, v := range map[string]view{"desktop": desktop, "phone": phone} {
		b := open(t, browser, v, address+"/")
		if text := eval[string](b, "document.querySelector('.missing').innerText"); !strings.Contains(text, "No deployments are read") || !strings.Contains(text, "${GITHUB_TOKEN}") {
			t.Errorf("it is said so: %s", text)
		}
		if n := eval[int](b, "document.querySelectorAll('.keycard, .keycharts, tr[data-service], p.link').length"); n != 0 {
			t.Errorf("%d parts of deployments", n)
		}
		for _, path := range []string{"/deployments", "/changes"} {
			if text := eval[string](open(t, browser, v, address+path), "document.querySelector('main').innerText"); !strings.Contains(text, "No deployments are read") {
				t.Errorf("%s does not say so: %s", path, text)
			}
		}
		list := open(t, browser, v, address+"/incidents")
		if n := eval[int](list, "document.querySelectorAll('tbody.incident').length"); n != 25 {
			t.Errorf("%d incidents", n)
		}
		fitsScreen(t, list, v.width)
		list.quiet()
		if w := eval[int64](b, "document.documentElement.scrollWidth"); w > v.width {
			t.Errorf("the page is %d pixels wide on a screen of %d", w, v.width)
		}
		b.save("incidents-only-" + name)
		b.quiet()
	}
	if log.Len() > 0 {
		t.Errorf("the dashboard complained:\n%s", log)
	}
}

// What a person does with a key: choose its trend, read its definition, narrow to a service, follow the cause.
func TestAPersonCanFollowAKeyToItsEvidence(t *testing.T) {
	m := openMarts(t)
	address, log := serveDashboard(t, m, "en")
	browser := newBrowser(t)
	b := open(t, browser, desktop, address+"/")
	b.do("choose a key", chromedp.Click(`[data-key="change_failure_rate"] .links a`), chromedp.WaitReady(`.keycharts.one`))
	if got := eval[[]string](b, `[...document.querySelectorAll('[data-chart]')].map(f => f.dataset.chart)`); len(got) != 1 || got[0] != "change_failure_rate" {
		t.Errorf("charts %v", got)
	}
	if got := eval[string](b, "location.hash"); got != "#h-keytrend" {
		t.Errorf("the page is at %q", got)
	}
	b.save("one-key")
	b.do("read the definition", chromedp.Click(`[data-key="change_failure_rate"] .links a:nth-of-type(2)`), chromedp.WaitReady("#def-change-failure-rate:target"))
	b = open(t, browser, desktop, address+"/")
	b.do("narrow to a service", chromedp.Click(`tr[data-service="checkout"] a`), chromedp.WaitReady(`#f-service option[value="checkout"][selected]`))
	if got := eval[string](b, "document.querySelector('#f-service').value"); got != "checkout" {
		t.Errorf("the form says %q", got)
	}
	if got := eval[[]string](b, `[...document.querySelectorAll('tr[data-service]')].map(r => r.dataset.service)`); len(got) != 1 {
		t.Errorf("services %v", got)
	}
	// Every incident says what caused it, or why nothing is known to.
	b = open(t, browser, desktop, address+"/incidents")
	if n := eval[int](b, `[...document.querySelectorAll('tbody.incident')].filter(r => !r.querySelector('p.link')).length`); n != 0 {
		t.Errorf("%d incidents say neither", n)
	}
	if n := eval[int](b, `document.querySelectorAll('p.link a.what[href^="./deployments/"] + a[href^="https://github.com/acme/"]').length`); n == 0 {
		t.Error("no cause leads to its page and its commit")
	}
	b.quiet()
	if log.Len() > 0 {
		t.Errorf("the dashboard complained:\n%s", log)
	}
}
