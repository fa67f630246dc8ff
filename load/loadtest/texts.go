package loadtest

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"fourfold/load"
	"fourfold/transform"
)

var types = transform.IncidentioIncidentTypes

// texts that a source may send and that have broken loaders before. A name is what the column name then holds.
var hostile = []struct{ json, name string }{
	{`"plain"`, "plain"},
	{`""`, ""},
	{`"nul \u0000 inside"`, "nul \x00 inside"},
	{`"\u0001\u001f\u007f\b\f\n\r\t\"\\\/"`, "\x01\x1f\x7f\b\f\n\r\t\"\\/"},
	{`"emoji 😀 \ud83d\ude00 👩‍👩‍👧"`, "emoji 😀 😀 👩‍👩‍👧"},
	{`"日本語の障害「重大」　全角"`, "日本語の障害「重大」　全角"},
	{`"right to left \u200fעברית"`, "right to left \u200fעברית"},
	{`"'; drop table incidentio_severities; --"`, "'; drop table incidentio_severities; --"},
	{`"$1 ? :name %s {{ x }}"`, "$1 ? :name %s {{ x }}"},
	{`"\u2028\ufeff\ufffe"`, "\u2028\ufeff\ufffe"},
}

// broken texts are not what they should be; they land as something valid.
var broken = []string{`"\ud800"`, `"\udc00 \ud83d x"`, "\"\xff\xfe\"", "\"caf\xc3\"", "\"\xed\xa0\x80\""}

var texts = []promise{
	{"text of every kind survives in the column and the payload", func(w *world) {
		for i, h := range hostile {
			id := string(rune('a' + i))
			w.raw(severities, `{"id":"`+id+`","name":`+h.json+`,"rank":1}`)
			w.same("name of "+h.json, w.live(severities)[id], h.name)
		}
		for _, r := range w.ledger(severities) {
			var got object
			if err := json.Unmarshal([]byte(r.Payload), &got); err != nil {
				w.t.Errorf("payload %q: %v", r.Payload, err)
			}
			w.same("payload", got["name"], hostile[r.ID[0]-'a'].name)
		}
	}},
	{"text that is no text lands as something valid", func(w *world) {
		for i, b := range broken {
			w.raw(severities, `{"id":"`+string(rune('a'+i))+`","name":`+b+`,"rank":1}`)
		}
		ledger := w.ledger(severities)
		w.same("versions", len(ledger), len(broken))
		for _, r := range ledger {
			if !utf8.ValidString(r.Name) || !utf8.ValidString(r.Payload) || !json.Valid([]byte(r.Payload)) || r.Name == "" {
				w.t.Errorf("name %q, payload %q: want valid UTF-8 and JSON", r.Name, r.Payload)
			}
		}
	}},
	{"long text survives", func(w *world) {
		long := strings.Repeat("長いテキスト 😀 ", 1<<20/26)
		w.added(1, severities, severity("a", long, ""))
		w.reopen()
		if got := w.live(severities)["a"]; got != long {
			w.t.Errorf("a name of %d bytes came back as one of %d", len(long), len(got))
		}
	}},
	{"fields and values that nobody declared are kept in the payload", func(w *world) {
		const text = `{"id":"a","name":"A","rank":1,"new":{"deep":[1,null,true,{"x":"y"}],"n":1e308,"tiny":5e-324,"big":123456789012345678901234567890,"minus":-0.0},"empty":{},"none":[]}`
		w.raw(severities, text)
		var got, want any
		for _, p := range []struct {
			text string
			into *any
		}{{w.ledger(severities)[0].Payload, &got}, {text, &want}} {
			d := json.NewDecoder(strings.NewReader(p.text))
			d.UseNumber()
			if err := d.Decode(p.into); err != nil {
				w.t.Fatalf("%s: %v", p.text, err)
			}
		}
		w.same("payload", got, want)
		o := incident("1").with("mode", "a_later_mode").with("incident_status", object{"id": "s", "name": "S", "category": "a_later_category"})
		w.added(1, incidents, o)
		modes, err := w.Lookup(w.ctx(), incidents, "mode", []string{"1"})
		if err != nil || !cmp.Equal(modes, map[string]string{"1": "a_later_mode"}) {
			w.t.Errorf("mode: %v, %v", modes, err)
		}
	}},
	{"numbers that no column can hold set the value aside and not the row", func(w *world) {
		w.raw(incidents, string(incident("1").with("workload_minutes_total", json.Number("1e999")).
			with("severity", object{"id": "s", "rank": json.Number("123456789012345678901234567890")}).text()))
		w.same("live", len(w.live(incidents)), 1)
		w.same("rejected", len(w.ledger(transform.Rejected)), 2)
		w.raw(incidents, string(incident("2").with("workload_minutes_total", json.Number("-1.7976931348623157e308")).
			with("severity", object{"id": "s", "rank": json.Number("-9223372036854775808")}).text()))
		got, err := w.Lookup(w.ctx(), incidents, "severity_rank", []string{"1", "2"})
		if err != nil {
			w.t.Fatal(err)
		}
		w.same("rank", got, map[string]string{"1": "", "2": "-9223372036854775808"})
	}},
}

// raw lands one record as it stands.
func (w *world) raw(t *transform.Table, record string) {
	w.t.Helper()
	rows := transform.NewRows(t, w.run, transform.Policy{PrivateIncidents: "exclude", People: "include"})
	rows.Add([]byte(record), false)
	b := rows.Flush()
	defer b.Rows.Release()
	if _, err := w.Append(w.ctx(), load.Append{Stream: stream(t), Batch: b}); err != nil {
		w.t.Fatalf("Append of %.200s: %v", record, err)
	}
}
