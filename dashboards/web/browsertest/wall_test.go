package browsertest

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"fourfold/dashboards"
)

// walk follows a wall from an address until it comes back, and gives the addresses that it shows.
func walk(t *testing.T, address, first string) []string {
	t.Helper()
	var shown []string
	for at := first; !slices.Contains(shown, at); {
		shown = append(shown, at)
		r, err := http.Get(address + "/" + at)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		seconds, next, found := strings.Cut(r.Header.Get("Refresh"), "; url=")
		if !found || seconds != "30" || r.StatusCode != http.StatusOK {
			t.Fatalf("/%s answered %d, and refreshes by %q", at, r.StatusCode, r.Header.Get("Refresh"))
		}
		at = strings.TrimPrefix(next, "./")
		if len(shown) > 100 {
			t.Fatal("it never comes back")
		}
	}
	return shown
}

// A wall goes through the screens of each page, and shows every panel on them: nobody is there to scroll.
func TestAWallShowsEveryPanelOfEveryPageInTurn(t *testing.T) {
	t.Parallel()
	m := openMarts(t)
	address, log := serveDashboard(t, m, "en")
	browser := newBrowser(t)
	catalogue, err := dashboards.LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	catalogue = catalogue.On(dashboards.Web, false)
	for lang, size := range map[string]view{"en": {width: 1920, height: 1080}, "ja": {width: 3840, height: 2160, dark: true}} {
		seen := map[string][]string{} // the titles of a page, over its screens
		var b *tab
		for _, at := range walk(t, address, "?kiosk=rotate&lang="+lang) {
			if !strings.Contains(at, "lang="+lang) {
				t.Fatalf("the wall goes on to %q, in another language", at)
			}
			path, _, _ := strings.Cut(at, "?")
			if b == nil {
				b = open(t, browser, size, address+"/"+at)
			} else {
				b.do("go on to "+at, chromedp.Navigate(address+"/"+at), chromedp.WaitReady("main"))
			}
			if w, h := eval[int64](b, "document.documentElement.scrollWidth"), eval[int64](b, "document.documentElement.scrollHeight"); w > size.width || h > size.height {
				t.Errorf("/%s is %d by %d on a screen of %d by %d", at, w, h, size.width, size.height)
			}
			for _, cut := range eval[[]string](b, `[...document.querySelectorAll('.onwall .card, .onwall .scroll, .onwall table')].filter(e => e.scrollWidth > e.clientWidth + 3)
				.map(e => e.className + ' of ' + (e.closest('section')?.querySelector('h2')?.innerText ?? '') + ': ' + e.scrollWidth + ' in ' + e.clientWidth)`) {
				t.Errorf("/%s: cut off at the side is %s", at, cut)
			}
			// What is cut off, and what is too small to be read: a list ends where a row does.
			for _, cut := range eval[[]string](b, `[...document.querySelectorAll('.onwall, .onwall > section, .onwall .card, .onwall .panel, .onwall figure')]
				.filter(e => e.scrollHeight > e.clientHeight + 3).map(e => e.className + ' of ' + (e.closest('section')?.querySelector('h2')?.innerText ?? '') + ': ' + e.scrollHeight + ' in ' + e.clientHeight)`) {
				t.Errorf("/%s: cut off is %s", at, cut)
			}
			for _, small := range eval[[]string](b, `[...document.querySelectorAll('.onwall svg.chart')].filter(e => getComputedStyle(e).display != 'none')
				.map(e => [e, e.getBoundingClientRect(), e.viewBox.baseVal]).filter(([e, r, v]) => Math.min(r.width / v.width, r.height / v.height) * 1080 / innerHeight < 1)
				.map(([e, r, v]) => e.closest('section').querySelector('h2').innerText + ': ' + Math.round(r.width) + ' by ' + Math.round(r.height) + ' for ' + v.width + ' by ' + v.height)`) {
				t.Errorf("/%s: too small to be read is %s", at, small)
			}
			seen[path] = append(seen[path], eval[[]string](b, `[...document.querySelectorAll('.onwall [data-panel]')].filter(e => e.getBoundingClientRect().height > 100).map(e => e.dataset.panel)`)...)
			seen[path] = append(seen[path], eval[[]string](b, `[...document.querySelectorAll('.onwall > section:not([data-panel])')].filter(e => e.getBoundingClientRect().height > 100).map(e => e.getAttribute('aria-labelledby'))`)...)
			b.save(fmt.Sprintf("wall-%s-%s-%d", lang, cmp.Or(path, "overview"), len(seen[path])))
			b.quiet()
		}
		if len(seen) != len(boards(t)) {
			t.Errorf("%s: it shows %d of %d pages", lang, len(seen), len(boards(t)))
		}
		// What the page has for people at a desk.
		for i, d := range catalogue.Dashboards {
			desk := open(t, browser, desktop, address+"/"+boards(t)[i]+"?lang="+lang)
			want := eval[[]string](desk, `[...document.querySelectorAll('main [data-panel]')].map(e => e.dataset.panel).concat([...document.querySelectorAll('main > section[aria-labelledby]:not([data-panel])')].map(e => e.getAttribute('aria-labelledby')))`)
			for _, title := range want {
				if !slices.Contains(seen[boards(t)[i]], title) {
					t.Errorf("%s: %s of %s is on no screen: %v", lang, title, d.Key, seen[boards(t)[i]])
				}
			}
			if len(want) == 0 {
				t.Errorf("%s has nothing", d.Key)
			}
		}
	}
	if log.Len() > 0 {
		t.Errorf("the dashboard complained:\n%s", log)
	}
}

// A wall that stays has nothing to press but the way to the other screens, and asks again by itself.
func TestAWallThatStaysLeadsToItsOtherScreens(t *testing.T) {
	m := openMarts(t)
	address, _ := serveDashboard(t, m, "en")
	b := open(t, newBrowser(t), view{width: 1920, height: 1080}, address+"/?kiosk&theme=dark")
	if n := eval[int](b, `[...document.querySelectorAll('form, nav:not(.screens), .downloads, details')].filter(e => e.offsetParent).length`); n != 0 {
		t.Errorf("%d things to press", n)
	}
	if got := eval[string](b, `getComputedStyle(document.documentElement).colorScheme`); got != "dark" {
		t.Errorf("the colours are %q", got)
	}
	if keys := eval[int](b, `[...document.querySelectorAll('.keycard')].filter(e => e.getBoundingClientRect().bottom <= innerHeight).length`); keys != 5 {
		t.Errorf("the first screen shows %d of the keys", keys)
	}
	screens := eval[int](b, `document.querySelectorAll('.screens a').length`)
	for n := 2; n <= screens; n++ {
		b.do("go on", chromedp.Click(fmt.Sprintf(".screens li:nth-child(%d) a", n)), chromedp.WaitReady(fmt.Sprintf(".screens li:nth-child(%d) a[aria-current]", n)))
		if got := eval[string](b, `document.querySelector('.screens p').innerText`); got != fmt.Sprintf("Screen %d of %d", n, screens) {
			t.Errorf("after %d it is %q", n, got)
		}
	}
	if screens < 3 {
		t.Errorf("the page has %d screens", screens)
	}
	b.quiet()
	for at, want := range map[string]string{"?kiosk": "60", "?kiosk&screen=2": "60"} {
		r, err := http.Get(address + "/" + at)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if got := r.Header.Get("Refresh"); got != want {
			t.Errorf("%s refreshes by %q", at, got)
		}
	}
	if page := get(t, address+"/?kiosk&screen=99", 200); !strings.Contains(page, "screen=99") || !strings.Contains(page, fmt.Sprintf("Screen %d of %d", screens, screens)) {
		t.Error("a screen that there is not is not said to be so")
	}
	// On a screen that is too small for a wall the same is there to scroll.
	small := open(t, newBrowser(t), phone, address+"/?kiosk")
	fitsScreen(t, small, phone.width)
}
