package redash

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
)

// State is what there should be on a server, without any of its ids.
type State struct {
	Queries    []Query // those that give choices come first
	Dashboards []Dashboard
}

// Query is a query with its visualizations. Its key is stable, and names it on the server.
type Query struct {
	Key            string
	Name           string
	Description    string
	SQL            string
	Parameters     []Parameter
	Refresh        int // seconds between runs; 0 for none
	Visualizations []Visualization
}

// gives reports whether a query is there for what can be chosen.
func (q Query) gives() bool { return strings.HasPrefix(q.Key, choicesKey("")) }

// Parameter is a choice that a query's text depends on: of fixed values, or of those that another query gives.
type Parameter struct {
	Name    string
	Title   string
	Value   string   // that holds until somebody chooses
	Values  []string // fixed ones
	Choices string   // key of the query that gives them, quoted for use between '
}

// Visualization is a picture or a table of a query. Its key is unique in its query.
type Visualization struct {
	Key     string
	Type    string // CHART, COUNTER or TABLE
	Name    string
	Options map[string]any
}

// Dashboard is a page of widgets.
type Dashboard struct {
	Key        string
	Name       string
	Parameters []string // those that are chosen for the whole page, in their order
	Widgets    []Widget
}

// Widget is a visualization or a text at a place. Its key is unique on its dashboard.
type Widget struct {
	Key           string
	Query         string // key; empty for a text
	Visualization string // key
	Text          string // Markdown
	Options       map[string]any
}

// The tags of what is ours, and the options that say so where there are no tags.
const (
	Tag        = "fourfold"
	keyTag     = "fourfold:key="
	keyOption  = "fourfold"
	hashOption = "fourfold_hash"
)

// marked gives options with the key of their object, and a hash by which options are known that have been taken away since.
func marked(key string, options map[string]any) map[string]any {
	out := plain(options)
	text, _ := json.Marshal(out) // what came from JSON goes back
	sum := sha256.Sum256(text)
	out[keyOption], out[hashOption] = key, hex.EncodeToString(sum[:8])
	return out
}

// plain gives a value as JSON reads it back, so that it compares with what a server answers.
func plain(v map[string]any) map[string]any {
	text, err := json.Marshal(v)
	if err != nil {
		panic("redash: options that are no JSON: " + err.Error()) // they are made here
	}
	out := map[string]any{}
	if err := json.Unmarshal(text, &out); err != nil {
		panic("redash: " + err.Error())
	}
	return out
}

// within says whether a value has all that is wanted: pages of Redash put defaults beside what they find.
func within(want, have any) bool {
	switch w := want.(type) {
	case map[string]any:
		h, isMap := have.(map[string]any)
		if !isMap {
			return false
		}
		for k, v := range w {
			x, found := h[k]
			if !found || !within(v, x) {
				return false
			}
		}
		return true
	case []any:
		h, isList := have.([]any)
		if !isList || len(h) != len(w) {
			return false
		}
		for i := range w {
			if !within(w[i], h[i]) {
				return false
			}
		}
		return true
	}
	return want == have
}
