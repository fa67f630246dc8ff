package browsertest

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

var axeFile = flag.String("axe", "../../../.cache/node/node_modules/axe-core/axe.min.js", "axe-core, which `make test` installs")

// The rules of axe-core for WCAG 2.2 AA, in both colour schemes, with everything opened.
func TestEveryPageIsAccessible(t *testing.T) {
	t.Parallel()
	axe, err := os.ReadFile(*axeFile)
	if err != nil {
		t.Fatalf("%v: `make test` installs axe-core there; by hand: npm install axe-core and -axe FILE", err)
	}
	m := openMarts(t)
	address, _ := serveDashboard(t, m, "en")
	browser := newBrowser(t)
	var pages []string
	for _, path := range boards(t) {
		pages = append(pages, "/"+path)
	}
	for i, path := range append(pages, "/panels/restores", "/incidents?counted=all", "/?lang=ja&key=change_failure_rate", "/?kiosk", "/incidents?kiosk&screen=2", "/incidents?range=nonsense&service=nosuch&service=api", "/nowhere") {
		for name, v := range map[string]view{"desktop": desktop, "phone": phone} {
			v.dark = (name == "desktop") == (i%2 == 0) // each page in both, in turn
			t.Run(name+path, func(t *testing.T) {
				b := open(t, browser, v, address+path)
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
					t.Error(f)
				}
			})
		}
	}
}

// What a person does: choose, press, follow a dot, open the evidence; all without script in the page.
func TestAPersonCanFilterAndReachTheEvidence(t *testing.T) {
	m := openMarts(t)
	address, log := serveDashboard(t, m, "en")
	browser := newBrowser(t)
	b := open(t, browser, desktop, address+"/incidents")

	severity := eval[string](b, `document.querySelector('#f-severity').options[1].value`)
	b.do("choose a severity", chromedp.SetValue("#f-severity", severity), chromedp.SetValue("#f-period", "week"))
	b.do("press Show", chromedp.Click("form.filters button"), chromedp.WaitReady("form.filters a"))
	if got := eval[string](b, "location.search"); !strings.Contains(got, "severity="+severity) || !strings.Contains(got, "period=week") {
		t.Errorf("the address says %q", got)
	}
	if got := eval[string](b, `document.querySelector('#f-severity').value`); got != severity {
		t.Errorf("the form says %q", got)
	}
	if others := eval[int](b, `[...document.querySelectorAll('.c-severity')].filter(c => c.innerText.trim() !== `+"`"+severity+"`"+`).length`); others != 0 {
		t.Errorf("%d incidents of another severity", others)
	}

	// A dot leads to the page of its incident.
	b = open(t, browser, desktop, address+"/incidents?range=all")
	const dot = `.strips.wide a`
	target := eval[string](b, "document.querySelector('"+dot+"').getAttribute('href')")
	// Not by the mouse: where many incidents took equally long, another dot may lie above this one.
	b.do("follow a dot", chromedp.Focus(dot), chromedp.KeyEvent(kb.Enter), chromedp.WaitReady("main.object"))
	if got := eval[string](b, "location.pathname"); !strings.HasSuffix(target, got) {
		t.Errorf("the dot led to %s, not to %s", got, target)
	}

	// By keyboard: the first stop skips to the numbers, and a focused element can be seen.
	b = open(t, browser, desktop, address+"/")
	b.do("press Tab", chromedp.KeyEvent(kb.Tab))
	if got := eval[string](b, "document.activeElement.getAttribute('href')"); got != "#main" {
		t.Errorf("the first stop is %q", got)
	}
	b.do("press Tab", chromedp.KeyEvent(kb.Tab))
	if got := eval[string](b, "getComputedStyle(document.activeElement).outlineStyle"); got == "none" {
		t.Error("the focus cannot be seen")
	}
	if n := eval[int](b, `document.querySelectorAll('svg a:not([tabindex="-1"])').length`); n != 0 {
		t.Errorf("%d dots are stops of the keyboard", n)
	}
	b.quiet()
	if log.Len() > 0 {
		t.Errorf("the dashboard complained:\n%s", log)
	}
}

// Hostile names are in the fixture; none of them ran, and none moved the page.
func TestNamesOfOtherPeopleDoNothing(t *testing.T) {
	if *buildFile != "" {
		t.Fatal("the names are in the fixture: run this test without -build")
	}
	m := openMarts(t)
	address, _ := serveDashboard(t, m, "en")
	b := open(t, newBrowser(t), phone, address+"/incidents")
	if n := eval[int](b, "document.scripts.length"); n != 0 {
		t.Errorf("%d scripts", n)
	}
	if got := eval[string](b, `[...document.querySelectorAll('.name')].map(n => n.textContent).find(n => n.includes('alert'))`); got != `<script>alert(1)</script> "quoted" & <b>bold</b>` {
		t.Errorf("the name became %q", got)
	}
	b.quiet()
}
