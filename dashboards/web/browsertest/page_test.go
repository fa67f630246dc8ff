package browsertest

import (
	"cmp"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"fourfold/dashboards"
)

// boards are the paths of all dashboards.
func boards(t *testing.T) []string {
	t.Helper()
	c, err := dashboards.LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	paths := []string{""}
	for _, d := range c.Dashboards[1:] {
		paths = append(paths, strings.ReplaceAll(d.Key, "_", "-"))
	}
	return paths
}

// Every way of looking at every page: nothing in the console, nothing from another host, nothing wider than the screen.
func TestEveryPageFitsEveryScreenInBothLanguagesAndColourSchemes(t *testing.T) {
	t.Parallel()
	m := openMarts(t)
	address, log := serveDashboard(t, m, "en")
	browser := newBrowser(t)
	for i, path := range append(boards(t), "panels/restores", "panels/keys") {
		for j, lang := range []string{"en", "ja"} {
			for k, v := range []view{desktop, phone} {
				v.dark = (i+j+k)%2 == 1 // each page in both, in turn
				name := fmt.Sprintf("%s-%s-%d", strings.ReplaceAll(cmp.Or(path, "overview"), "/", "-"), lang, v.width)
				t.Run(name, func(t *testing.T) {
					b := open(t, browser, v, address+"/"+path+"?lang="+lang)
					fitsScreen(t, b, v.width)
					// A table scrolls by itself; on a desk only one of very many columns has to.
					if v.width == desktop.width && *buildFile == "" {
						for _, cut := range eval[[]string](b, `[...document.querySelectorAll('.scroll:has(.rows, .services)')].filter(e => e.offsetParent && !e.closest('details:not([open])') && e.scrollWidth > e.clientWidth + 1 && e.querySelectorAll('thead th').length < 12)
							.map(e => e.getAttribute('aria-label') + ': ' + e.scrollWidth + ' in ' + e.clientWidth)`) {
							t.Errorf("a table is cut off: %s", cut)
						}
					}
					b.save(name)
					// Between the two, and beyond them.
					for _, width := range []int64{320, 700, 820, 1100, 1920} {
						if lang == "ja" && v.width == desktop.width {
							b.do("another width", chromedp.EmulateViewport(width, 900))
							fitsScreen(t, b, width)
						}
					}
					b.quiet()
				})
			}
		}
	}
	b := open(t, browser, desktop, address+"/incidents?range=18m&period=week&counted=all&incident=inc00205#incident-inc00205")
	b.save("evidence")
	b.quiet()
	if log.Len() > 0 {
		t.Errorf("the dashboard complained:\n%s", log)
	}
}

func fitsScreen(t *testing.T, b *tab, width int64) {
	t.Helper()
	if w := eval[int64](b, "document.documentElement.scrollWidth"); w > width {
		wide := eval[string](b, `[...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth && !e.closest('.scroll, pre, svg')).slice(0, 3).map(e => e.tagName + '.' + e.className).join(' ')`)
		t.Errorf("the page is %d pixels wide on a screen of %d: %s", w, width, wide)
	}
}

// On a warehouse of nothing and on one of one incident every page stands, and says what there is.
func TestEveryPageStandsOnNothingAndOnOneIncident(t *testing.T) {
	t.Parallel()
	if *buildFile != "" {
		t.Fatal("these builds are made of the fixture: run this test without -build")
	}
	browser := newBrowser(t)
	for build, statements := range map[string]string{"nothing": nothing, "one": oneIncident} {
		address, log := serveDashboard(t, openBuild(t, makeFixture(t, fixtureSQL+statements)), "ja")
		for i, path := range boards(t) {
			v := []view{desktop, phone}[i%2]
			b := open(t, browser, v, address+"/"+path)
			fitsScreen(t, b, v.width)
			if text := eval[string](b, "document.querySelector('main').innerText"); strings.Contains(text, "NaN") || len(text) < 60 {
				t.Errorf("%s, /%s says %q", build, path, text)
			}
			b.save(build + "-" + cmp.Or(path, "overview"))
			b.quiet()
		}
		if log.Len() > 0 {
			t.Errorf("%s: the dashboard complained:\n%s", build, log)
		}
	}
}
