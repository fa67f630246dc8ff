package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// serveBoard answers with a dashboard of the published build.
func (s *server) serveBoard(w http.ResponseWriter, r *http.Request) {
	d := boardAt(s.pages.catalogue, r.PathValue("board"))
	if d == nil || r.URL.Path != "/" && r.PathValue("board") == "" {
		s.serveNotFound(w, r)
		return
	}
	s.serveBuilt(w, r, at(boardPath(s.pages.catalogue, d)), "page", func(ctx context.Context, build string, f filter) (any, error) {
		return s.makeBoard(ctx, build, d, f)
	})
}

// serveWithoutSlash leads from /incidents/ to /incidents.
func (s *server) serveWithoutSlash(w http.ResponseWriter, r *http.Request) {
	if boardAt(s.pages.catalogue, r.PathValue("board")) == nil {
		s.serveNotFound(w, r)
		return
	}
	to := "../" + r.PathValue("board")
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	w.Header().Set("Location", to) // relative: there may be a prefix before it
	w.WriteHeader(http.StatusMovedPermanently)
}

// errNothing is what a page gives that is about an object which the build does not have.
var errNothing = errors.New("there is no such object")

// serveBuilt answers with a page of the published build, made by what it is given; the same build and address give the same
// bytes, so whoever has them gets none.
func (s *server) serveBuilt(w http.ResponseWriter, r *http.Request, here place, template string, page func(ctx context.Context, build string, f filter) (any, error)) {
	f := filterOf(r)
	l := s.pages.language(f.Lang)
	got, err := s.answerTo(w, r, here.path, f, func(ctx context.Context, build string) (*answer, error) {
		p, err := page(ctx, build, f)
		if err != nil {
			return nil, err
		}
		body, err := s.pages.render(template, p)
		header := http.Header{"Content-Type": {"text/html; charset=utf-8"}}
		if b, ok := p.(*boardPage); ok && b.refresh != "" {
			header.Set("Refresh", b.refresh)
		}
		return pack(header, body), err
	})
	s.refresh(w, here, f) // also where it failed: a wall has nobody to press anything
	switch {
	case errors.Is(err, ErrNoBuild):
		s.serveMessage(w, r, http.StatusOK, message{
			shell: s.pages.shell(l, l.t("empty_title"), here, f), Paragraphs: []string{l.t("empty_text")}, Command: "fourfold run",
		})
	case errors.Is(err, errNothing):
		s.serveMissing(w, r, err)
	case err != nil:
		s.serveError(w, r, f, err)
	case got != nil:
		got.send(w, r, http.StatusOK)
	}
}

// answerTo finds or makes what a request gets of the published build: made once for all who ask for the same. It is nil for who
// has it already, and is told so.
func (s *server) answerTo(w http.ResponseWriter, r *http.Request, what string, f filter, make func(ctx context.Context, build string) (*answer, error)) (*answer, error) {
	var got *answer
	ctx := r.Context()
	err := s.onPublished(ctx, func(build string) (err error) {
		tag := s.tag(build, what, f)
		if notModified(w, r, tag) {
			return nil
		}
		got, err = s.rendered.get(ctx, tag, func(ctx context.Context) (*answer, error) { return make(ctx, build) })
		return err
	})
	return got, err
}

// sendFile ends a request for a file that answerTo was asked for.
func (s *server) sendFile(w http.ResponseWriter, r *http.Request, f filter, got *answer, err error) {
	switch {
	case serveMisread(w, r, err):
	case errors.Is(err, ErrNoBuild):
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, "nothing has been built yet: run `fourfold run`", http.StatusServiceUnavailable)
	case errors.Is(err, errNothing):
		s.serveMissing(w, r, err)
	case err != nil:
		s.serveError(w, r, f, err)
	case got != nil:
		got.send(w, r, http.StatusOK)
	}
}

// refresh makes a screen on a wall ask again, or go on to the next page. What it says is for a page that could not be made: one
// that was knows the screens that it has.
func (s *server) refresh(w http.ResponseWriter, here place, f filter) {
	switch f.Kiosk {
	case kioskOn:
		w.Header().Set("Refresh", strconv.Itoa(onWallFor))
	case kioskRotate:
		w.Header().Set("Refresh", fmt.Sprintf("%d; url=%s", nextAfter, s.afterBoard(here, f)))
	}
}

// onPublished does something with the published build. A build that is replaced meanwhile may go away while it is read:
// then all is done again with the new one.
func (s *server) onPublished(ctx context.Context, do func(build string) error) error {
	build, err := s.published(ctx)
	if err != nil {
		return err
	}
	for range 3 {
		if err = do(build); err == nil {
			return nil
		}
		now, perr := s.published(ctx)
		if perr != nil || now == build {
			return err
		}
		build = now
	}
	return err
}

func (s *server) published(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, s.QueryTimeout)
	defer cancel()
	return s.Querier.Published(ctx)
}

// tag names an answer: what was asked for, and the build and program that made it.
func (s *server) tag(build, what string, f filter) string {
	l := s.pages.language(f.Lang)
	sum := sha256.Sum256([]byte(strings.Join([]string{build, s.pages.version, what, l.Code, f.query(), f.misread}, "\x00")))
	return `W/"` + hex.EncodeToString(sum[:12]) + `"` // weak: the same page may come compressed
}

// notModified answers 304 to somebody who has the page already, and otherwise says what the page's tag is.
func notModified(w http.ResponseWriter, r *http.Request, tag string) bool {
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", "private, no-cache")
	for _, have := range strings.Split(r.Header.Get("If-None-Match"), ",") {
		if strings.TrimPrefix(strings.TrimSpace(have), "W/") == strings.TrimPrefix(tag, "W/") {
			w.WriteHeader(http.StatusNotModified)
			return true
		}
	}
	return false
}

func writeHTML(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	write(w, r, status, body)
}

// write sends an answer, compressed for those who take it so: a page is a tenth as large then.
func write(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	w.Header().Add("Vary", "Accept-Encoding")
	if len(body) > 1000 && acceptsGzip(r.Header.Get("Accept-Encoding")) {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write(body); err != nil {
			panic("web: " + err.Error()) // a buffer takes everything
		}
		if err := z.Close(); err != nil {
			panic("web: " + err.Error())
		}
		body = b.Bytes()
		w.Header().Set("Content-Encoding", "gzip")
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a visitor who left is no error
}

func acceptsGzip(accept string) bool {
	for _, part := range strings.Split(accept, ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(name, "gzip") {
			return strings.ReplaceAll(q, " ", "") != "q=0"
		}
	}
	return false
}

// serveError says that it failed, and to the log why.
func (s *server) serveError(w http.ResponseWriter, r *http.Request, f filter, err error) {
	if r.Context().Err() != nil {
		return // nobody waits for it
	}
	l := s.pages.language(f.Lang)
	status, text := http.StatusInternalServerError, l.t("error_text")
	if errors.Is(err, context.DeadlineExceeded) {
		status, text = http.StatusServiceUnavailable, l.t("error_slow")
	}
	s.Logger.ErrorContext(r.Context(), "the dashboard could not answer", "path", r.URL.Path, "query", f.query(), "error", err)
	if strings.HasPrefix(r.URL.Path, "/api/") {
		w.Header().Del("ETag")
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, text, status)
		return
	}
	s.serveMessage(w, r, status, message{
		shell: s.pages.shell(l, l.t("error_title"), whereof(r), f), Paragraphs: []string{text}, Back: l.t("back"),
	})
}

func (s *server) serveMessage(w http.ResponseWriter, r *http.Request, status int, m message) {
	w.Header().Del("ETag")
	w.Header().Set("Cache-Control", "no-store")
	body, err := s.pages.render("message", m)
	if err != nil {
		s.Logger.ErrorContext(r.Context(), "the dashboard could not make a message", "error", err)
		http.Error(w, m.Title, status)
		return
	}
	writeHTML(w, r, status, body)
}

// serveNotFound answers every other address. Its links are relative to where it was asked for.
func (s *server) serveNotFound(w http.ResponseWriter, r *http.Request) {
	f := filterOf(r)
	l := s.pages.language(f.Lang)
	s.serveMessage(w, r, http.StatusNotFound, message{
		shell:      s.pages.shell(l, l.t("missing_title"), place{root: whereof(r).root}, f.alone()),
		Paragraphs: []string{l.t("missing_text")}, Back: l.t("back"),
	})
}

// whereof is the place of a request: its links are relative to where it was asked for.
func whereof(r *http.Request) place { return at(strings.TrimPrefix(r.URL.EscapedPath(), "/")) }

// serveAsset answers with the style sheet or the icon. Their address changes with their content, so they may be kept.
func (s *server) serveAsset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	types := map[string]string{"style.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}
	if types[name] == "" {
		s.serveNotFound(w, r)
		return
	}
	body := s.pages.style
	if name != "style.css" {
		body = readPageFile("assets/" + name)
	}
	if notModified(w, r, `W/"`+s.pages.assets+`"`) {
		return
	}
	if r.URL.Query().Get("v") == s.pages.assets {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	w.Header().Set("Content-Type", types[name])
	write(w, r, http.StatusOK, body)
}

// serveStatus answers with the last runs, as the program tells them.
func (s *server) serveStatus(w http.ResponseWriter, r *http.Request) {
	body, err := json.Marshal(s.Status())
	if err != nil {
		s.serveError(w, r, filter{}, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	write(w, r, http.StatusOK, append(body, '\n'))
}
