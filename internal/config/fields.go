package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// field is a key of a struct, as its tags declare it.
type field struct {
	name     string
	index    int
	fallback *yaml.Node // the default; nil when it is empty
	example  string
	one      bool // a single value may stand for a list of one
	positive bool
	required bool
}

var fieldCache sync.Map // reflect.Type to []field

// fieldsOf gives the keys of a struct in their order.
func fieldsOf(t reflect.Type) []field {
	if cached, ok := fieldCache.Load(t); ok {
		return cached.([]field)
	}
	var out []field
	for i := range t.NumField() {
		tag := t.Field(i).Tag
		name, options, _ := strings.Cut(tag.Get("yaml"), ",")
		if name == "" {
			continue
		}
		f := field{name: name, index: i, example: tag.Get("eg")}
		for option := range strings.SplitSeq(options, ",") {
			switch option {
			case "":
			case "one":
				f.one = true
			case "positive":
				f.positive = true
			case "required":
				f.required = true
			default:
				panic(fmt.Sprintf("config: %s.%s: unknown option %q in its tag", t, t.Field(i).Name, option))
			}
		}
		if text, ok := tag.Lookup("default"); ok {
			f.fallback = defaultNode(text, t.Field(i).Type)
		}
		out = append(out, f)
	}
	fieldCache.Store(t, out)
	return out
}

// defaultNode makes a default into the node that the file would have for it. Lists are YAML; the rest is taken as it is,
// so that a cron line needs no quotes in its tag.
func defaultNode(text string, t reflect.Type) *yaml.Node {
	if t.Kind() == reflect.Slice {
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
			panic(fmt.Sprintf("config: default %q: %v", text, err))
		}
		forgetLines(doc.Content[0])
		return doc.Content[0]
	}
	tag := map[reflect.Kind]string{reflect.Bool: "!!bool", reflect.Int: "!!int", reflect.Float64: "!!float"}[t.Kind()]
	if tag == "" || reflect.PointerTo(t).Implements(reflect.TypeFor[scalar]()) {
		tag = "!!str"
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: text}
}

func forgetLines(n *yaml.Node) {
	n.Line = 0
	for _, c := range n.Content {
		forgetLines(c)
	}
}

func find(fields []field, name string) (field, bool) {
	i := slices.IndexFunc(fields, func(f field) bool { return f.name == name })
	if i < 0 {
		return field{}, false
	}
	return fields[i], true
}

func isScalar(v reflect.Value) bool {
	switch v.Addr().Interface().(type) {
	case scalar, *Secret:
		return true
	}
	return false
}

// suggestKey says what was probably meant by an unknown key: a known one here, or one of that name elsewhere.
func suggestKey(name string, fields []field) string {
	known := make([]string, len(fields))
	for i, f := range fields {
		known[i] = f.name
	}
	fix := suggest(name, known)
	if best, distance := nearest(name, known); distance <= max(2, len(best)/3) {
		return fix
	}
	var elsewhere []string
	for _, key := range keys() {
		if strings.HasSuffix(key, "."+name) {
			elsewhere = append(elsewhere, key)
		}
	}
	if n := len(elsewhere); n > 0 && n <= 3 {
		fix += "; there is " + strings.Join(elsewhere, " and ")
	}
	return fix
}

// keys lists every key there is, in the order of the structs: services[].name, and metrics.durations.NAME for free names.
var keys = sync.OnceValue(func() []string {
	var out []string
	var walk func(prefix string, t reflect.Type)
	walk = func(prefix string, t reflect.Type) {
		if reflect.PointerTo(t).Implements(reflect.TypeFor[scalar]()) || t == reflect.TypeFor[Secret]() {
			return
		}
		switch t.Kind() {
		case reflect.Pointer:
			walk(prefix, t.Elem())
		case reflect.Slice:
			walk(prefix+"[]", t.Elem())
		case reflect.Map:
			walk(prefix+".NAME", t.Elem())
		case reflect.Struct:
			for _, f := range fieldsOf(t) {
				key := strings.TrimPrefix(prefix+"."+f.name, ".")
				out = append(out, key)
				walk(key, t.Field(f.index).Type)
			}
		}
	}
	walk("", reflect.TypeFor[Config]())
	return out
})
