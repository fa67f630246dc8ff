package browsertest

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

var screenshots = flag.String("screenshots", "", "folder to save screenshots in")

func chromium() (string, error) {
	for _, name := range []string{os.Getenv("CHROME_PATH"), "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if name == "" {
			continue
		}
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errNoChromium
}

// shared is the one Chromium of all tests: each opens tabs of its own, and starting it takes longer than most of them.
var shared struct {
	once sync.Once
	ctx  context.Context
	end  []func()
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	for _, end := range slices.Backward(shared.end) {
		end()
	}
	os.Exit(code)
}

// newBrowser gives the Chromium in which a test opens its tabs.
func newBrowser(t *testing.T) context.Context {
	t.Helper()
	path := findChromium(t)
	shared.once.Do(func() { shared.err = startChromium(path) })
	if shared.err != nil {
		t.Fatalf("start Chromium: %v", shared.err)
	}
	return shared.ctx
}

func startChromium(path string) error {
	dir, err := os.MkdirTemp("", "chromium")
	if err != nil {
		return err
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path),
		chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-default-apps", true), chromedp.Flag("disable-sync", true), chromedp.Flag("no-first-run", true),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("hide-scrollbars", true), chromedp.Flag("lang", "en"),
		// The page scrolls smoothly where people like that; a click in the middle of it would miss.
		chromedp.Flag("force-prefers-reduced-motion", true),
		chromedp.UserDataDir(dir), chromedp.WSURLReadTimeout(time.Minute))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, cancel := chromedp.NewContext(allocator)
	shared.ctx, shared.end = ctx, []func(){func() { _ = os.RemoveAll(dir) }, stop, cancel}
	return chromedp.Do(ctx)
}

// view is how somebody looks at a page.
type view struct {
	width, height int64
	dark, phone   bool
}

var (
	desktop = view{width: 1280, height: 900}
	phone   = view{width: 390, height: 844, phone: true}
)

// tab is a page that notes what it must not do.
type tab struct {
	context.Context
	t       *testing.T
	mu      sync.Mutex
	console []string
	foreign []string
}

// open loads an address and waits for it.
func open(t *testing.T, browser context.Context, v view, address string) *tab {
	t.Helper()
	b := &tab{t: t}
	host := strings.Join(strings.SplitN(address, "/", 4)[:3], "/")
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithListener(func(event any) { b.note(host, event) }))
	t.Cleanup(cancel)
	b.Context = ctx
	if err := chromedp.Do(ctx); err != nil { // the tab lives as long as the context of its first action
		t.Fatalf("open a tab: %v", err)
	}
	scheme := "light"
	if v.dark {
		scheme = "dark"
	}
	size := []chromedp.EmulateViewportOption{}
	if v.phone {
		size = append(size, chromedp.EmulateMobile)
	}
	b.do("set the screen", chromedp.EmulateViewport(v.width, v.height, size...))
	if _, err := chromedp.Call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	}); err != nil {
		t.Fatalf("set the colour scheme: %v", err)
	}
	b.do("open "+address, chromedp.Navigate(address), chromedp.WaitReady("main"))
	return b
}

// note keeps complaints and requests to others.
func (b *tab) note(host string, event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if u := e.Request.URL; !strings.HasPrefix(u, host+"/") && !strings.HasPrefix(u, "data:") {
			b.foreign = append(b.foreign, u)
		}
	case *runtime.EventConsoleAPICalled:
		b.console = append(b.console, fmt.Sprintf("%s %v", e.Type, e.Args))
	case *runtime.EventExceptionThrown:
		b.console = append(b.console, e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		b.console = append(b.console, fmt.Sprintf("%s %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL))
	}
}

// patience bounds a step, so that one that waits for what never comes says which it is.
const patience = time.Minute

// do runs steps.
func (b *tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
}

// eval gives the value of an expression. Tests may run script through the debugger; the page itself may not.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b, patience)
	defer cancel()
	out, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return out
}

// quiet fails on what a page must not do: complain, or ask another host.
func (b *tab) quiet() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, line := range b.console {
		b.t.Errorf("console: %s", line)
	}
	for _, u := range b.foreign {
		b.t.Errorf("asked another host: %s", u)
	}
}

// save writes a picture of the whole page, if pictures are wanted.
func (b *tab) save(name string) {
	b.t.Helper()
	if *screenshots == "" {
		return
	}
	png, err := chromedp.Run(b, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatalf("screenshot: %v", err)
	}
	if err := os.MkdirAll(*screenshots, 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*screenshots, name+".png"), png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}
