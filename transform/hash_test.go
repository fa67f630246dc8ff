package transform

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// hashOf is the hash of the version that a record makes.
func hashOf(t testing.TB, table *Table, p Policy, record string) string {
	t.Helper()
	b, rows := convert(t, table, p, record)
	if len(rows) != 1 {
		t.Fatalf("%s: %d rows of %s: %v", table.Name, len(rows), record, b.Rejected)
	}
	return rows[0]["_hash"].(string)
}

func decode(t testing.TB, record string) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(record))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// shuffled writes v with the keys of every object in a random order, whitespace anywhere, every character of strings
// perhaps escaped, and fields that are null.
func shuffled(r *rand.Rand, v any) string {
	space := func() string { return []string{"", " ", "\n\t", "\r\n"}[r.IntN(4)] }
	switch v := v.(type) {
	case map[string]any:
		keys := slices.Sorted(maps.Keys(v))
		r.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		var fields []string
		for _, k := range keys {
			fields = append(fields, space()+shuffled(r, k)+space()+":"+space()+shuffled(r, v[k])+space())
		}
		if r.IntN(2) == 0 {
			at := r.IntN(len(fields) + 1)
			fields = slices.Insert(fields, at, fmt.Sprintf(`"absent_%d":null`, r.IntN(5)))
		}
		return "{" + space() + strings.Join(fields, ",") + "}"
	case []any:
		var items []string
		for _, item := range v {
			items = append(items, space()+shuffled(r, item)+space())
		}
		return "[" + strings.Join(items, ",") + "]"
	case string:
		var out strings.Builder
		out.WriteByte('"')
		for _, c := range v {
			if c < 0x20 || c == '"' || c == '\\' || (c < 0x10000 && r.IntN(8) == 0) {
				fmt.Fprintf(&out, `\u%04x`, c)
			} else {
				out.WriteRune(c)
			}
		}
		out.WriteByte('"')
		return out.String()
	default:
		text, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		return string(text)
	}
}

func TestHashDoesNotDependOnHowAnObjectIsWritten(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, s := range samples {
		for _, f := range s.files {
			for _, record := range sample(t, f) {
				policy := Policy{PrivateIncidents: "include", People: "hash"}
				want := hashOf(t, s.table, policy, record)
				for range 20 {
					other := shuffled(r, decode(t, record))
					if got := hashOf(t, s.table, policy, other); got != want {
						t.Fatalf("%s: hash %s of\n%s\nwant %s, that of\n%s", s.table.Name, got, other, want, record)
					}
				}
			}
		}
	}
}

// leaf is a place in an object: keys, and indexes of arrays.
type leaf []any

// name is the path as Table.Volatile writes it: arrays are passed through.
func (l leaf) name() string {
	var keys []string
	for _, k := range l {
		if key, ok := k.(string); ok {
			keys = append(keys, key)
		}
	}
	return strings.Join(keys, ".")
}

// leaves lists every scalar and every empty list or object below v.
func leaves(v any, at leaf) []leaf {
	var out []leaf
	switch v := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			out = append(out, leaves(v[k], append(slices.Clone(at), k))...)
		}
		if len(v) > 0 {
			return out
		}
	case []any:
		for i, item := range v {
			out = append(out, leaves(item, append(slices.Clone(at), i))...)
		}
		if len(v) > 0 {
			return out
		}
	}
	return []leaf{at}
}

// mutated gives record with the value at one place changed to another of the same kind.
func mutated(t *testing.T, record string, at leaf) string {
	v := decode(t, record)
	node := v
	for _, k := range at[:len(at)-1] {
		switch k := k.(type) {
		case string:
			node = node.(map[string]any)[k]
		case int:
			node = node.([]any)[k]
		}
	}
	change := func(old any) any {
		switch old := old.(type) {
		case string:
			if _, ok := parseInstant([]byte(old)); ok {
				return "2027" + old[4:]
			}
			return old + "x"
		case json.Number:
			return json.Number("1" + old.String())
		case bool:
			return !old
		case nil:
			return "x"
		case []any:
			return []any{"x"}
		default:
			return map[string]any{"x": "x"}
		}
	}
	switch k := at[len(at)-1].(type) {
	case string:
		node.(map[string]any)[k] = change(node.(map[string]any)[k])
	case int:
		node.([]any)[k] = change(node.([]any)[k])
	}
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestEveryFieldMakesAVersionButTheVolatileOnes changes every leaf of the samples, one at a time.
func TestEveryFieldMakesAVersionButTheVolatileOnes(t *testing.T) {
	policy := Policy{PrivateIncidents: "include", People: "include"}
	records := embeddedDefinitions(t)
	for _, s := range samples {
		for _, f := range s.files {
			records[s.table] = append(records[s.table], sample(t, f)...)
		}
	}
	for _, table := range Incidentio {
		met := map[string]bool{}
		for _, record := range records[table] {
			before := hashOf(t, table, policy, record)
			for _, l := range leaves(decode(t, record), nil) {
				volatile := slices.ContainsFunc(table.Volatile, func(p string) bool {
					if l.name() == p || strings.HasPrefix(l.name(), p+".") {
						met[p] = true
						return true
					}
					return false
				})
				if got := hashOf(t, table, policy, mutated(t, record, l)); (got == before) != volatile {
					t.Errorf("%s: a change of %s: hash changed %v, want %v", table.Name, l.name(), got != before, !volatile)
				}
			}
		}
		// The rest of the volatile paths is not in the samples: put a value there.
		for _, p := range table.Volatile {
			if met[p] {
				continue
			}
			record := encode(t, decode(t, records[table][0]))
			with := withValueAt(t, record, strings.Split(p, "."))
			if with == record {
				t.Errorf("%s: the sample has no place for %s", table.Name, p)
			} else if hashOf(t, table, policy, with) != hashOf(t, table, policy, record) {
				t.Errorf("%s: %s is declared volatile and makes a version", table.Name, p)
			}
		}
	}
}

// withValueAt sets a value at a path, wherever the object that is to hold it is there.
func withValueAt(t *testing.T, record string, path []string) string {
	v := decode(t, record)
	var set func(node any, path []string)
	set = func(node any, path []string) {
		switch node := node.(type) {
		case []any:
			for _, item := range node {
				set(item, path)
			}
		case map[string]any:
			if len(path) == 1 {
				node[path[0]] = "changes by itself"
			} else {
				set(node[path[0]], path[1:])
			}
		}
	}
	set(v, path)
	return encode(t, v)
}

func TestVolatileFieldsAreInThePayload(t *testing.T) {
	record := sample(t, "incidents_list.json")[0]
	_, rows := convert(t, IncidentioIncidents, Policy{People: "include"}, record)
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(record)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(compact.String(), rows[0]["payload"]); diff != "" {
		t.Errorf("payload (-received +stored):\n%s", diff)
	}
}

func TestHashTellsApartWhatLooksAlike(t *testing.T) {
	seen := map[string]string{}
	for _, fields := range []string{
		``, `,"x":""`, `,"x":0`, `,"x":false`, `,"x":[]`, `,"x":{}`, `,"x":[null]`, `,"x":"null"`, `,"x":[[]]`, `,"x":["a","b"]`, `,"x":["b","a"]`,
		`,"x":["a,b"]`, `,"x":{"a":"b"}`, `,"x":{"a":1,"b":2}`, `,"x":{"a":1},"b":2`, `,"x":"a\"b"`, `,"x":"a\\\"b"`,
	} {
		h := hashOf(t, IncidentioSeverities, plain, `{"id":"a","name":"A","rank":1`+fields+`}`)
		if other, ok := seen[h]; ok {
			t.Errorf("%s and %s have one hash", fields, other)
		}
		seen[h] = fields
	}
}
