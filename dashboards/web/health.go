package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// serveHealth answers 200 with the published build, 503 before there is one.
func (s *server) serveHealth(w http.ResponseWriter, r *http.Request) {
	answer := map[string]string{"status": "ok"}
	status := http.StatusOK
	build, err := s.published(r.Context())
	switch {
	case err == nil:
		answer["build_id"] = build
	case errors.Is(err, ErrNoBuild):
		status, answer["status"] = http.StatusServiceUnavailable, "nothing has been built yet: run `fourfold run`"
	default:
		status, answer["status"] = http.StatusServiceUnavailable, "the published build cannot be found; see the program's log"
		s.Logger.ErrorContext(r.Context(), "the published build cannot be found", "error", err)
	}
	body, err := json.Marshal(answer)
	if err != nil {
		panic("web: " + err.Error()) // texts only
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	write(w, r, status, append(body, '\n'))
}

// requestCounts are the counters of /metrics.
type requestCounts struct {
	mu      sync.Mutex
	byRoute map[[2]string]int // route and status
	seconds map[string]float64
}

func newRequestCounts() *requestCounts {
	return &requestCounts{byRoute: map[[2]string]int{}, seconds: map[string]float64{}}
}

// counted notes how each request of a route ended, and how long it took.
func (s *server) counted(route string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin := s.now()
		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(rec, r)
		took := s.now().Sub(begin).Seconds()
		s.requests.mu.Lock()
		defer s.requests.mu.Unlock()
		s.requests.byRoute[[2]string{route, strconv.Itoa(rec.status)}]++
		s.requests.seconds[route] += took
	})
}

type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// serveMetrics answers in the text format of Prometheus 0.0.4. It reads no more than the published build's own row.
func (s *server) serveMetrics(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	var b buildInfo
	err := s.onPublished(ctx, func(id string) (err error) {
		b, err = s.build(ctx, id)
		return err
	})
	if err != nil && !errors.Is(err, ErrNoBuild) {
		s.serveError(w, r, filter{}, err)
		return
	}
	var out exposition
	if err == nil {
		out.family("fourfold_build_info", "gauge", "The published build.")
		out.sample("fourfold_build_info", 1, "build_id", b.ID, "version", b.ProgramVersion)
		out.family("fourfold_build_as_of_timestamp_seconds", "gauge", "Instant up to which the published build counts.")
		out.sample("fourfold_build_as_of_timestamp_seconds", unix(b.AsOf))
		out.family("fourfold_build_age_seconds", "gauge", "Time since that instant.")
		out.sample("fourfold_build_age_seconds", s.now().Sub(b.AsOf).Seconds())
		out.family("fourfold_stream_last_success_timestamp_seconds", "gauge", "Last good read of each stream in the published build.")
		for _, st := range b.Streams {
			if !st.LastOKAt.IsZero() {
				out.sample("fourfold_stream_last_success_timestamp_seconds", unix(st.LastOKAt), "source", st.Source, "stream", st.Stream)
			}
		}
	}
	s.requests.write(&out)
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	write(w, r, http.StatusOK, out.Bytes())
}

func unix(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

func (c *requestCounts) write(out *exposition) {
	c.mu.Lock()
	defer c.mu.Unlock()
	counts := map[string]int{}
	var keys [][2]string
	for k, n := range c.byRoute {
		keys = append(keys, k)
		counts[k[0]] += n
	}
	slices.SortFunc(keys, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	out.family("fourfold_http_requests_total", "counter", "Answered requests.")
	for _, k := range keys {
		out.sample("fourfold_http_requests_total", float64(c.byRoute[k]), "route", k[0], "code", k[1])
	}
	var routes []string
	for route := range counts {
		routes = append(routes, route)
	}
	slices.Sort(routes)
	out.family("fourfold_http_request_duration_seconds", "summary", "Time to answer.")
	for _, route := range routes {
		out.sample("fourfold_http_request_duration_seconds_sum", c.seconds[route], "route", route)
		out.sample("fourfold_http_request_duration_seconds_count", float64(counts[route]), "route", route)
	}
}

// exposition writes metrics as text.
type exposition struct{ bytes.Buffer }

func (e *exposition) family(name, kind, help string) {
	fmt.Fprintf(e, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

var labelEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func (e *exposition) sample(name string, value float64, labels ...string) {
	e.WriteString(name)
	for i := 0; i+1 < len(labels); i += 2 {
		e.WriteString(map[bool]string{true: "{", false: ","}[i == 0] + labels[i] + `="` + labelEscapes.Replace(labels[i+1]) + `"`)
	}
	if len(labels) > 0 {
		e.WriteByte('}')
	}
	e.WriteString(" " + strconv.FormatFloat(value, 'f', -1, 64) + "\n")
}
