package config

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A decoder fills structs from YAML nodes. It goes on after a mistake, so that all are reported at once, and it keeps the
// line of every key.
type decoder struct {
	file  string
	env   LookupEnv
	scope scope

	lines   map[string]int
	errs    Errors
	pending []*Error        // references that could not be resolved: whether they matter depends on what is used
	silent  map[string]bool // keys without a value because of an error or a pending reference: no further complaint
	secrets []secretKey
	nodes   int
}

// mostNodes is far above any configuration; aliases of aliases could otherwise make a small file endless.
const mostNodes = 100_000

// fail reports a mistake at a key, at its line or else at that of what it is in.
func (d *decoder) fail(key, problem, fix string) {
	d.silent[key] = true
	d.errs = append(d.errs, d.at(key, problem, fix))
}

func (d *decoder) at(key, problem, fix string) *Error {
	line, place := 0, key
	for line == 0 && place != "" {
		line = d.lines[place]
		place = place[:max(0, strings.LastIndexAny(place, ".["))]
	}
	return &Error{File: d.file, Line: line, Key: key, Problem: problem, Fix: fix}
}

// structure fills a struct from a map; a nil node gives it its defaults.
func (d *decoder) structure(key string, n *yaml.Node, v reflect.Value) {
	fields := fieldsOf(v.Type())
	given := map[string]*yaml.Node{}
	for _, e := range d.entries(key, n, exactly) {
		if _, known := find(fields, e.name); !known {
			d.fail(e.key, "unknown key", suggestKey(e.name, fields))
			continue
		}
		given[e.name] = e.value
	}
	for _, f := range fields {
		fieldKey, target := join(key, f.name), v.Field(f.index)
		if value, ok := given[f.name]; ok {
			d.value(fieldKey, value, target, f)
			d.check(fieldKey, target, f)
			continue
		}
		if f.required && n != nil {
			d.fail(fieldKey, "is missing", fmt.Sprintf("add it, e.g. %s: %s", f.name, f.example))
		}
		d.absent(fieldKey, target, f)
	}
}

// absent gives a field that the file leaves out its default.
func (d *decoder) absent(key string, v reflect.Value, f field) {
	switch {
	case f.fallback != nil:
		d.value(key, f.fallback, v, f)
	case v.Kind() == reflect.Struct && !isScalar(v):
		d.structure(key, nil, v)
	}
}

// check holds a value that the file gives against its field's tags.
func (d *decoder) check(key string, v reflect.Value, f field) {
	if d.silent[key] {
		return
	}
	switch {
	case f.required && v.IsZero():
		d.fail(key, "is empty", "write e.g. "+f.example)
	case f.positive && isZero(reflect.Indirect(v)):
		d.fail(key, "is zero", "write something above zero")
	}
}

// isZero reports whether a number or a duration is zero, however it is written.
func isZero(v reflect.Value) bool {
	if d, ok := v.Interface().(Duration); ok {
		return d.Duration == 0
	}
	return v.IsZero()
}

// value fills any value from a node.
func (d *decoder) value(key string, n *yaml.Node, v reflect.Value, f field) {
	n = follow(n)
	if d.nodes++; d.nodes > mostNodes {
		d.silent[key] = true
		if d.nodes == mostNodes+1 {
			d.fail(key, "is part of too large a file", "use fewer aliases (*name), or write a shorter file")
		}
		return
	}
	if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") {
		d.fail(key, "has a YAML tag", "take away the word that begins with an exclamation mark, or put the value in quotes")
		return
	}
	if secret, ok := v.Addr().Interface().(*Secret); ok {
		d.secret(key, n, secret)
		return
	}
	if s, ok := v.Addr().Interface().(scalar); ok {
		d.scalar(key, n, s, f)
		return
	}
	if e, ok := v.Interface().(enum); ok {
		d.enum(key, n, v, e.values())
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(key, n, v.Elem(), f)
	case reflect.Struct:
		d.structure(key, n, v)
	case reflect.Slice:
		d.list(key, n, v, f)
	case reflect.Map:
		d.table(key, n, v, f)
	default:
		d.basic(key, n, v)
	}
}

// list fills a slice. A bare key gives the default.
func (d *decoder) list(key string, n *yaml.Node, v reflect.Value, f field) {
	switch {
	case isNull(n):
		d.absent(key, v, f)
		return
	case n.Kind == yaml.ScalarNode && f.one:
		n = &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{n}}
	case n.Kind != yaml.SequenceNode:
		what := "a list, such as [a, b]"
		if f.one {
			what = "a name, or a list such as [a, b]"
		}
		d.fail(key, "is "+kindOf(n), "write "+what)
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, item := range n.Content {
		itemKey := fmt.Sprintf("%s[%d]", key, i)
		if line := item.Line; line > 0 {
			d.lines[itemKey] = line
		}
		d.value(itemKey, item, v.Index(i), field{})
		if v.Index(i).Kind() == reflect.String && v.Index(i).Len() == 0 && !d.silent[itemKey] {
			d.fail(itemKey, "is empty", "write a name, or take the item out")
		}
	}
}

// table fills a map with free names as keys, which compare without case.
func (d *decoder) table(key string, n *yaml.Node, v reflect.Value, f field) {
	out := reflect.MakeMap(v.Type())
	for _, e := range d.entries(key, n, fold) {
		value := reflect.New(v.Type().Elem()).Elem()
		d.value(e.key, e.value, value, field{one: f.one})
		out.SetMapIndex(reflect.ValueOf(e.name), value)
	}
	v.Set(out)
}

// entry is a key of a map with its value.
type entry struct {
	name, key string
	value     *yaml.Node
}

// entries gives the keys of a map in their order, each once, and keeps their lines. same says which names are one.
func (d *decoder) entries(key string, n *yaml.Node, same func(string) string) []entry {
	if n == nil || isNull(n) {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		d.fail(key, "is "+kindOf(n), "write keys and values here (name: value), one a line and further in")
		return nil
	}
	var out []entry
	first := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := follow(n.Content[i])
		e := entry{name: k.Value, key: join(key, k.Value), value: n.Content[i+1]}
		line := n.Content[i].Line
		problem, fix := "", ""
		switch {
		case k.Kind == yaml.ScalarNode && k.ShortTag() == "!!merge":
			problem, fix = "is a merge key", "write the keys out; a whole value can be shared by &name and *name"
		case k.Kind != yaml.ScalarNode || !isText(k):
			e.key = key
			problem, fix = "a key here is "+kindOf(k), "put the key in quotes"
		case first[same(e.name)] != 0:
			problem, fix = fmt.Sprintf("is given twice, first in line %d", first[same(e.name)]), "keep one of them"
		}
		if problem != "" {
			d.errs = append(d.errs, &Error{File: d.file, Line: line, Key: e.key, Problem: problem, Fix: fix})
			continue
		}
		first[same(e.name)] = line
		if line > 0 {
			d.lines[e.key] = line
		}
		out = append(out, e)
	}
	return out
}

func exactly(name string) string { return name }

// fold gives names that differ in case only, or in spaces around them, one form.
func fold(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

var simpleKey = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// join puts a key under another.
func join(parent, name string) string {
	switch {
	case !simpleKey.MatchString(name):
		return parent + "[" + quote(name) + "]"
	case parent == "":
		return name
	}
	return parent + "." + name
}
