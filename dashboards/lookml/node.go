package lookml

import (
	"fmt"
	"regexp"
	"strings"
)

// kind is how a node is written.
type kind int

const (
	blockKind   kind = iota // key: name { ... }
	wordKind                // key: yes
	stringKind              // key: "text"
	sqlKind                 // key: text ;;
	listKind                // key: [a, b]
	stringsKind             // key: ["a", "b"]
	pairsKind               // key: [a: "x", b: "y"]
)

// node is a property or a block of LookML. They are written in the order in which they stand.
type node struct {
	key  string
	kind kind
	name string // of a block, "" where it has none
	text string // of a word, string or sql
	list []string
	rows []pair
	kids []*node
}

type pair struct{ key, value string }

func block(key, name string, kids ...*node) *node {
	n := &node{key: key, kind: blockKind, name: name}
	return n.add(kids...)
}

func word(key, value string) *node { return &node{key: key, kind: wordKind, text: value} }

func str(key, value string) *node             { return &node{key: key, kind: stringKind, text: value} }
func sql(key, value string) *node             { return &node{key: key, kind: sqlKind, text: value} }
func list(key string, v ...string) *node      { return &node{key: key, kind: listKind, list: v} }
func stringsOf(key string, v ...string) *node { return &node{key: key, kind: stringsKind, list: v} }
func filtersOf(v ...pair) *node               { return &node{key: "filters", kind: pairsKind, rows: v} }

// add puts nodes at the end; nil ones are left out.
func (n *node) add(kids ...*node) *node {
	for _, k := range kids {
		if k != nil {
			n.kids = append(n.kids, k)
		}
	}
	return n
}

// get finds the first property of a block; nil if there is none.
func (n *node) get(key string) *node {
	for _, k := range n.kids {
		if k.key == key {
			return k
		}
	}
	return nil
}

// value is the text of a property, "" where there is none.
func (n *node) value(key string) string {
	if p := n.get(key); p != nil {
		return p.text
	}
	return ""
}

var (
	nameForm = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	wordForm = regexp.MustCompile(`^\+?[A-Za-z0-9_.@{}/*-]+$`)
)

// write gives the text of nodes, an empty line between blocks.
func write(nodes []*node) (string, error) {
	w := &writer{}
	w.all(nodes, 0)
	return w.out.String(), w.err
}

type writer struct {
	out strings.Builder
	err error
}

func (w *writer) fail(format string, args ...any) {
	if w.err == nil {
		w.err = fmt.Errorf("lookml: "+format, args...)
	}
}

func (w *writer) all(nodes []*node, depth int) {
	for i, n := range nodes {
		if i > 0 && (named(n) || named(nodes[i-1])) {
			w.out.WriteString("\n")
		}
		w.one(n, depth)
	}
}

func named(n *node) bool { return n.kind == blockKind && n.name != "" }

func (w *writer) one(n *node, depth int) {
	in := strings.Repeat("  ", depth)
	w.out.WriteString(in + n.key + ":")
	switch n.kind {
	case blockKind:
		if n.name != "" {
			if !nameForm.MatchString(n.name) && n.key != "constant" {
				w.fail("%s %q: a name has small letters, digits and _", n.key, n.name)
			}
			w.out.WriteString(" " + n.name)
		}
		w.out.WriteString(" {\n")
		w.all(n.kids, depth+1)
		w.out.WriteString(in + "}\n")
	case wordKind:
		w.out.WriteString(" " + w.word(n.text) + "\n")
	case stringKind:
		w.out.WriteString(" " + quoted(n.text) + "\n")
	case sqlKind:
		w.sql(n, in)
	case listKind:
		for _, v := range n.list {
			w.word(v)
		}
		w.items(in, n.list)
	case stringsKind:
		var items []string
		for _, v := range n.list {
			items = append(items, quoted(v))
		}
		w.items(in, items)
	case pairsKind:
		var items []string
		for _, p := range n.rows {
			items = append(items, w.word(p.key)+": "+quoted(p.value))
		}
		w.items(in, items)
	}
}

// maxLine is how long a list may be before it has a line for each item.
const maxLine = 120

func (w *writer) items(in string, items []string) {
	if one := " [" + strings.Join(items, ", ") + "]\n"; len(one) <= maxLine {
		w.out.WriteString(one)
		return
	}
	w.out.WriteString(" [\n" + in + "  " + strings.Join(items, ",\n"+in+"  ") + "\n" + in + "]\n")
}

func (w *writer) word(text string) string {
	if !wordForm.MatchString(text) {
		w.fail("%q is no word", text)
	}
	return text
}

func (w *writer) sql(n *node, in string) {
	if strings.Contains(n.text, ";;") {
		w.fail("%s: its text has ;; in it, which ends it", n.key)
	}
	if !strings.Contains(n.text, "\n") {
		w.out.WriteString(" " + n.text + " ;;\n")
		return
	}
	w.out.WriteString("\n")
	for _, line := range strings.Split(n.text, "\n") {
		if line = strings.TrimRight(line, " "); line != "" {
			line = in + "  " + line
		}
		w.out.WriteString(line + "\n")
	}
	w.out.WriteString(in + ";;\n")
}

// quoted is a string of LookML: on one line, with its quotes escaped.
func quoted(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}
