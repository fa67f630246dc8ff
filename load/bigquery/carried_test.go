package bigquery

import (
	"encoding/json"
	"testing"
	"time"

	fake "fourfold/internal/fake/bigquery"
)

// What builds go on from is known of the ledgers that they were made of: others in their place have another id.
func TestWhatBuildsGoOnFromIsOfTheLedgersThatThereAre(t *testing.T) {
	server := fake.Start(t)
	c := connect(t, server, "d")
	id := func(change bool) string {
		t.Helper()
		id, err := c.ledgers(t.Context(), change)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	if got := id(true); got != "" {
		t.Errorf("there are no ledgers, and their id is %s", got)
	}
	begin(t, c, 0).close()
	if got := id(false); got != "" {
		t.Errorf("who only looks has given the id %s", got)
	}
	first := id(true)
	begin(t, c, 1).close()
	if again := id(true); first == "" || again != first {
		t.Errorf("%s, then %s", first, again)
	}
	b := NewBuilds(c, time.Now)
	if err := b.Prepare(t.Context(), "b1", time.Time{}); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := b.Done(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	if note, err := b.Carried(t.Context()); err != nil || note != nil {
		t.Errorf("before the first build: %s, %v", note, err)
	}
	for _, want := range []string{`{"n":1}`, ``, `{"n":2}`} {
		if err := b.Carry(t.Context(), json.RawMessage(want)); err != nil {
			t.Fatal(err)
		}
		if note, err := b.Carried(t.Context()); err != nil || string(note) != want {
			t.Errorf("%s, %v, want %s", note, err, want)
		}
	}
	if err := c.bq.Dataset(c.Raw()).DeleteWithContents(t.Context()); err != nil {
		t.Fatal(err)
	}
	begin(t, c, 2).close()
	if other := id(true); other == "" || other == first {
		t.Errorf("other ledgers in their place have the id %s, and the first had %s", other, first)
	}
}
