package web

import (
	"context"
	"net/http"
	"time"
)

// Dashboard is the handler of all of its pages.
type Dashboard struct {
	http.Handler
	server *server
}

// KeepReady makes the pages of the dashboards, under no filter, as soon as a build is published, until the context ends: who comes
// first after a build then waits no longer than others. It looks for a build every so often. What fails is told to who asks for
// it. It is for an engine that reads for nothing.
func (d *Dashboard) KeepReady(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for made := ""; ; {
		if build, err := d.server.published(ctx); err == nil && build != made {
			d.server.makeReady(ctx)
			made = build
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// ahead is the key of a context in which pages are made that nobody has asked for yet.
type ahead struct{}

// makeReady asks for each page once, one query after the other, while there are no visitors.
func (s *server) makeReady(ctx context.Context) {
	ctx = context.WithValue(ctx, ahead{}, true)
	for i := range s.pages.catalogue.Dashboards {
		path := boardPath(s.pages.catalogue, &s.pages.catalogue.Dashboards[i])
		s.rendered.turns.ahead(ctx, func(ctx context.Context) {
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, "/"+path, nil)
			if err != nil {
				panic("web: " + err.Error()) // paths are keys of the catalogue
			}
			r.SetPathValue("board", path)
			s.makeOneReady(r)
		})
	}
}

// makeOneReady makes a page. One that cannot be made ends no program: whoever asks for it is told.
func (s *server) makeOneReady(r *http.Request) {
	defer func() {
		if p := recover(); p != nil {
			s.Logger.ErrorContext(r.Context(), "a page could not be made ready", "path", r.URL.Path, "panic", p)
		}
	}()
	s.serveBoard(unseen{http.Header{}}, r)
}

// unseen is who asks for a page so that it is there.
type unseen struct{ header http.Header }

func (u unseen) Header() http.Header         { return u.header }
func (u unseen) Write(b []byte) (int, error) { return len(b), nil }
func (u unseen) WriteHeader(int)             {}
