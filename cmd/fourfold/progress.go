package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"golang.org/x/term"

	"fourfold/load"
)

// progress says on stderr how far long work has come: a line that is overwritten on a terminal, a log line now and then
// elsewhere.
type progress struct {
	mu       sync.Mutex
	w        io.Writer
	terminal bool
	log      *slog.Logger
	begun    map[string]time.Time
	said     time.Time
	dirty    bool
}

func newProgress(w io.Writer, log *slog.Logger) *progress {
	f, ok := w.(*os.File)
	return &progress{w: w, terminal: ok && term.IsTerminal(int(f.Fd())), log: log, begun: map[string]time.Time{}}
}

// Stream is called for every page.
func (p *progress) Stream(name string, rows int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := time.Now()
	if p.begun[name].IsZero() {
		p.begun[name] = at
		p.said = at
	}
	every := 15 * time.Second
	if p.terminal {
		every = 200 * time.Millisecond
	}
	if at.Sub(p.said) < every {
		return
	}
	p.said = at
	rate := float64(rows) / max(at.Sub(p.begun[name]).Seconds(), 1e-9)
	if !p.terminal {
		p.log.Info("reading", "stream", name, "rows", rows, "rows_per_second", int64(rate))
		return
	}
	fmt.Fprintf(p.w, "\r\x1b[K%-24s %10d rows  %8.0f rows/s", name, rows, rate)
	p.dirty = true
}

// Done is called when a stream has ended.
func (p *progress) Done(load.StreamRun) { p.end() }

// end removes the line.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dirty {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.dirty = false
	}
}
