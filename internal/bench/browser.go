package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// browser is one real Chromium; each tab of it is of a visitor who has been nowhere.
type browser struct {
	context.Context
	end func()
}

// startBrowser finds a Chromium as the tests of the page do.
func startBrowser() (*browser, error) {
	for _, name := range []string{os.Getenv("CHROME_PATH"), "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
			chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
			chromedp.Flag("disable-sync", true), chromedp.Flag("no-first-run", true), chromedp.Flag("disable-dev-shm-usage", true),
			chromedp.WSURLReadTimeout(time.Minute))
		allocator, stop := chromedp.NewExecAllocator(context.Background(), opts...)
		ctx, cancel := chromedp.NewContext(allocator)
		if err := chromedp.Do(ctx); err != nil {
			stop()
			return nil, fmt.Errorf("start %s: %w", path, err)
		}
		return &browser{ctx, func() { cancel(); stop() }}, nil
	}
	return nil, errors.New("no Chromium: install Debian's package chromium, or set CHROME_PATH")
}

func (b *browser) stop() { b.end() }

// visit is what a browser saw of a page.
type visit struct {
	Paint, Contentful float64 // first paints, in milliseconds from the beginning of the navigation
	Shift             float64 // of the layout while it loaded
	sent, whole       int64   // bytes of all its requests: on the wire with headers, and of their bodies uncompressed
}

const seen = `(() => {
	const paints = Object.fromEntries(performance.getEntriesByType('paint').map(e => [e.name, e.startTime]));
	const shifts = new PerformanceObserver(() => {});
	shifts.observe({type: 'layout-shift', buffered: true});
	return {
		Paint: paints['first-paint'] || 0, Contentful: paints['first-contentful-paint'] || 0,
		Shift: shifts.takeRecords().reduce((sum, e) => sum + e.value, 0),
	};
})()`

// visit opens an address with an empty cache.
func (b *browser) visit(address string) (visit, error) {
	var mu sync.Mutex
	var v visit
	var sent, whole int64
	ctx, cancel := chromedp.NewContext(b, chromedp.WithNewBrowserContext(), chromedp.WithListener(func(event any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := event.(type) {
		case *network.EventLoadingFinished:
			sent += int64(e.EncodedDataLength)
		case *network.EventDataReceived:
			whole += e.DataLength
		}
	}))
	defer cancel()
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(address), chromedp.WaitReady("main"))
	if err != nil {
		return v, fmt.Errorf("open %s: %w", address, err)
	}
	for v.Contentful == 0 { // what is loaded is painted with the next frame
		if v, err = chromedp.Run(ctx, chromedp.Evaluate[visit](seen)); err != nil {
			return v, fmt.Errorf("the first paint of %s: %w", address, err)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	v.sent, v.whole = sent, whole
	return v, nil
}

// Visits of each page by which it is measured.
const coldVisits, warmVisits = 3, 7

// paints measures a page: asked for first by a program that has just started, and again by others when it is known.
func paints(b *browser, dir, page string) error {
	var cold, warm, contentful []float64
	var last visit
	for i := range coldVisits {
		s, err := serve(dir)
		if err != nil {
			return err
		}
		v, err := b.visit(s.address + page)
		if err != nil {
			return errors.Join(err, end(s))
		}
		cold = append(cold, v.Paint)
		for range warmVisits {
			if i > 0 {
				break
			}
			if last, err = b.visit(s.address + page); err != nil {
				return errors.Join(err, end(s))
			}
			warm, contentful = append(warm, last.Paint), append(contentful, last.Contentful)
		}
		if err := end(s); err != nil {
			return err
		}
	}
	fmt.Printf("%-28s %5.0f ms %5.0f ms %8.3f   %5.1f kB %5.0f kB  first paint (medians; worst cold %.0f ms, worst warm %.0f ms, contentful %.0f ms)\n",
		"/"+page, median(cold), median(warm), last.Shift, float64(last.sent)/1000, float64(last.whole)/1000, slices.Max(cold), slices.Max(warm), median(contentful))
	return nil
}

func end(s *served) error {
	_, err := s.stop()
	return err
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// site is what there is to ask of the dashboard, as its pages say themselves.
type site struct {
	pages   []string            // relative to its address: "", "incidents", …
	panels  []string            // api/panels/KEY.json
	choices map[string][]string // what can be chosen, by the name in the address
}

const offered = `(() => {
	const links = css => [...document.querySelectorAll(css)].map(a => a.getAttribute('href').split('?')[0]);
	const chosen = [...document.querySelectorAll('form.filters select')].map(s => [s.name, [...s.options].map(o => o.value)]);
	return {Pages: links('nav.pages a'), Panels: links('.downloads a').filter(h => h.endsWith('.json')), Chosen: Object.fromEntries(chosen)};
})()`

// explore reads the navigation of the first page, and of every page its downloads and what can be chosen.
func explore(b *browser, dir string) (*site, error) {
	s, err := serve(dir)
	if err != nil {
		return nil, err
	}
	defer s.stop() //nolint:errcheck // what it found is complete
	out := &site{pages: []string{""}, choices: map[string][]string{}}
	tab, cancel := chromedp.NewContext(b)
	defer cancel()
	if err := chromedp.Do(tab); err != nil { // the tab lives as long as the context of its first action
		return nil, err
	}
	for i := 0; i < len(out.pages); i++ {
		ctx, stop := context.WithTimeout(tab, time.Minute)
		defer stop()
		type found struct {
			Pages, Panels []string
			Chosen        map[string][]string
		}
		if err := chromedp.Do(ctx, chromedp.Navigate(s.address+out.pages[i]), chromedp.WaitReady("main")); err != nil {
			return nil, fmt.Errorf("open /%s: %w", out.pages[i], err)
		}
		here, err := chromedp.Run(ctx, chromedp.Evaluate[found](offered))
		if err != nil {
			return nil, fmt.Errorf("what /%s offers: %w", out.pages[i], err)
		}
		base, err := url.Parse(s.address + out.pages[i])
		if err != nil {
			return nil, err
		}
		add := func(to *[]string, href string) error {
			u, err := base.Parse(href)
			if path := strings.TrimPrefix(u.Path, "/"); err == nil && !slices.Contains(*to, path) {
				*to = append(*to, path)
			}
			return err
		}
		for _, href := range here.Pages {
			err = errors.Join(err, add(&out.pages, href))
		}
		for _, href := range here.Panels {
			err = errors.Join(err, add(&out.panels, href))
		}
		if err != nil {
			return nil, fmt.Errorf("links of /%s: %w", out.pages[i], err)
		}
		for name, values := range here.Chosen {
			if len(values) > len(out.choices[name]) {
				out.choices[name] = values
			}
		}
	}
	if len(out.panels) == 0 {
		return nil, errors.New("the pages offer no panel as JSON")
	}
	return out, nil
}
