package acceptance

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"fourfold/internal/fake/github"
)

// serveGitHub serves an organisation with the documented limits, as GitHub does.
func serveGitHub(t testing.TB, org *github.Organisation, opts ...github.Option) (*github.Server, string) {
	t.Helper()
	server := github.NewServer(org, opts...)
	base, stop := server.Start()
	t.Cleanup(stop)
	return server, base
}

// githubToken is the least that reads from an address with a token; more lines may follow, those of the source first.
func githubToken(base, token string, more ...string) string {
	return fmt.Sprintf("sources:\n  github:\n    api_url: %q\n    graphql_url: %q\n    git_url: %q\n    token: %q\n", base+"/", base+"/graphql", base+"/", token) +
		strings.Join(more, "\n") + "\n"
}

// githubNames reads repositories by their names; more lines may follow, those of the source first.
func githubNames(base string, names []string, more ...string) string {
	return githubToken(base, github.DefaultToken, append([]string{repositories(names...)}, more...)...)
}

func repositories(names ...string) string {
	var b strings.Builder
	b.WriteString("    repositories:")
	for _, n := range names {
		fmt.Fprintf(&b, "\n      - {name: %q}", n)
	}
	return b.String()
}

// streamState is a stream in the JSON of the status.
type streamState struct {
	Status   string
	Error    string
	RowsRead int64     `json:"rows_read"`
	Added    int64     `json:"versions_added"`
	Requests int64     `json:"requests"`
	Live     int64     `json:"live"`
	FreshAt  time.Time `json:"fresh_at"`
}

// githubStreams are GitHub's streams in the status.
func githubStreams(t *testing.T, w *workplace) map[string]streamState {
	t.Helper()
	var s struct{ Streams map[string]streamState }
	if err := json.Unmarshal([]byte(w.run("status", "--format", "json")), &s); err != nil {
		t.Fatal(err)
	}
	out := map[string]streamState{}
	for name, x := range s.Streams {
		if stream, ok := strings.CutPrefix(name, "github/"); ok {
			out[stream] = x
		}
	}
	return out
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
