package web

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestEachPageAsksWhatIsSaidOfIt(t *testing.T) {
	all, err := Asked()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 10 {
		t.Errorf("%d pages: eight dashboards, an incident and a deployment", len(all))
	}
	for _, p := range all {
		q := withObjects(t)
		h, _ := newHandler(t, q)
		page(t, h, p.Path)
		if diff := cmp.Diff(p.Queries, slices.Sorted(maps.Keys(q.asked))); diff != "" || q.count != len(p.Queries) {
			t.Errorf("%s asked %d queries (-said +asked):\n%s", p.Path, q.count, diff)
		}
	}
}

// gathered answers a query when so many are there that wait for an answer, and none before.
type gathered struct {
	*recorded
	first map[string]bool // queries that are answered at once
	await int32
	come  *atomic.Int32
	all   chan struct{}
}

func (g gathered) Query(ctx context.Context, build, sql string, args ...any) (*Table, error) {
	name, _, _ := strings.Cut(strings.TrimPrefix(sql, "-- "), "\n")
	if !g.first[name] {
		if g.come.Add(1) == g.await {
			close(g.all)
		}
		select {
		case <-g.all:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return g.recorded.Query(ctx, build, sql, args...)
}

// What a page asks beyond what it must know before is asked side by side: where a query takes a second, a page takes no more than few.
func TestAnEngineThatAnswersAllAtOnceIsAskedAllOfAPageAtOnce(t *testing.T) {
	all, err := Asked()
	if err != nil {
		t.Fatal(err)
	}
	first := map[string]bool{"one_incident": true} // which says whose the others are
	for _, name := range buildQueries {
		first[name] = true
	}
	for _, p := range all {
		rest := slices.DeleteFunc(slices.Clone(p.Queries), func(name string) bool { return first[name] })
		if len(rest) == 0 {
			continue
		}
		q := gathered{withObjects(t), first, int32(len(rest)), &atomic.Int32{}, make(chan struct{})}
		h, _ := newHandler(t, q, func(o *Options) { o.QueryTimeout = 10 * time.Second })
		if r := ask(t, h, p.Path); r.StatusCode != http.StatusOK {
			t.Errorf("%s answered %d: its %d queries were not all asked at a time", p.Path, r.StatusCode, len(rest))
		}
	}
}
