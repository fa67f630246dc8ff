package browsertest

import (
	"fmt"
	"testing"
)

// Every way of looking at the page: nothing in the console, nothing from another host, nothing wider than the screen.
func TestThePageFitsEveryScreenInBothLanguagesAndColourSchemes(t *testing.T) {
	m := openMarts(t)
	address, log := serveDashboard(t, m, "en")
	browser := newBrowser(t)
	for _, lang := range []string{"en", "ja"} {
		for _, v := range []view{desktop, phone} {
			for _, dark := range []bool{false, true} {
				v.dark = dark
				name := fmt.Sprintf("%s-%d", lang, v.width)
				if dark {
					name += "-dark"
				}
				t.Run(name, func(t *testing.T) {
					b := open(t, browser, v, address+"/?lang="+lang)
					if w := eval[int64](b, "document.documentElement.scrollWidth"); w > v.width {
						t.Errorf("the page is %d pixels wide on a screen of %d", w, v.width)
					}
					b.save(name)
					b.quiet()
				})
			}
		}
	}
	// Between the two, and beyond them.
	for _, width := range []int64{320, 700, 820, 1100, 1920} {
		b := open(t, browser, view{width: width, height: 900}, address+"/?lang=ja")
		if w := eval[int64](b, "document.documentElement.scrollWidth"); w > width {
			t.Errorf("the page is %d pixels wide on a screen of %d", w, width)
		}
		b.save(fmt.Sprintf("ja-%d", width))
		b.quiet()
	}
	b := open(t, browser, desktop, address+"/?range=18m&period=week&counted=all&incident=inc00205#incident-inc00205")
	b.save("evidence")
	b.quiet()
	if log.Len() > 0 {
		t.Errorf("the dashboard complained:\n%s", log)
	}
}
