package config

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// scalarText is a scalar's text with its references resolved.
type scalarText struct {
	value  string
	shown  string // how an error may name it: as it is written, never what a reference holds
	isText bool   // YAML reads it as text, not as a number or the like
	refers bool
	tag    string
}

// plain reports whether YAML reads the scalar as one of these types. What a reference holds can be any.
func (t scalarText) plain(tags ...string) bool { return t.refers || slices.Contains(tags, t.tag) }

// text gives a scalar's text. It is false when there is none: then the reason is reported, or the reference is pending.
func (d *decoder) text(key string, n *yaml.Node, expects string) (scalarText, bool) {
	switch {
	case isNull(n):
		d.fail(key, "has no value", "write "+expects+", or leave the key out")
		return scalarText{}, false
	case n.Kind != yaml.ScalarNode:
		d.fail(key, "is "+kindOf(n), "write "+expects)
		return scalarText{}, false
	}
	t := scalarText{value: n.Value, shown: quote(n.Value), isText: isText(n), tag: n.ShortTag()}
	if !t.isText {
		return t, true
	}
	parts, err := parseTemplate(n.Value)
	if err != nil {
		d.fail(key, err.Error(), templateFix)
		return scalarText{}, false
	}
	if parts.refers() {
		t.refers, t.shown = true, "the value of "+quote(n.Value)
	}
	value, missing := parts.resolve(d.env, d.scope.dir)
	if missing != nil {
		err := d.at(key, missing.problem, missing.fix)
		err.Err = missing.err
		d.pending = append(d.pending, err)
		d.silent[key] = true
		return scalarText{}, false
	}
	t.value = value
	return t, true
}

// basic fills a text, a number or a bool.
func (d *decoder) basic(key string, n *yaml.Node, v reflect.Value) {
	expects := map[reflect.Kind]string{
		reflect.String: "text", reflect.Bool: "true or false", reflect.Int: "a whole number", reflect.Int64: "a whole number",
		reflect.Float64: "a number",
	}[v.Kind()]
	t, ok := d.text(key, n, expects)
	if !ok {
		return
	}
	switch v.Kind() {
	case reflect.String:
		if !t.isText {
			d.fail(key, "is "+kindOf(n), "write text: put the value in quotes")
			return
		}
		v.SetString(t.value)
	case reflect.Bool:
		b, err := strconv.ParseBool(strings.ToLower(t.value))
		if err != nil || !t.plain("!!bool") {
			d.fail(key, t.shown+" is not true or false", "write true or false, without quotes")
			return
		}
		v.SetBool(b)
	case reflect.Float64:
		number, err := strconv.ParseFloat(t.value, 64)
		if err != nil || !(number >= 0) || math.IsInf(number, 0) || !t.plain("!!float", "!!int") {
			d.fail(key, t.shown+" is not a number from 0 up", "write a number such as 1.5, without quotes")
			return
		}
		v.SetFloat(number)
	default:
		number, err := strconv.ParseInt(t.value, 10, 64)
		if err != nil || number < 0 || !t.plain("!!int") {
			d.fail(key, t.shown+" is not a whole number from 0 up", "write a whole number such as 2, without quotes")
			return
		}
		v.SetInt(number)
	}
}

// scalar fills a value that has a form of its own.
func (d *decoder) scalar(key string, n *yaml.Node, s scalar, f field) {
	t, ok := d.text(key, n, s.expects())
	if !ok {
		return
	}
	at := d.scope
	at.empty = !f.required && (f.fallback == nil || f.fallback.Value == "") && f.name != ""
	if err := s.parse(t.value, at); err != nil {
		problem := err.Error()
		switch s.(type) {
		case *URL, *DirURL, *GitURL:
			if strings.ContainsAny(t.value, "@?") { // where addresses hold passwords and tokens
				t.shown = "the address"
			}
		}
		var w wrong
		if errors.As(err, &w) && t.refers {
			problem = w.what // the detail may quote what a reference holds
		}
		d.fail(key, t.shown+" "+problem, "write "+s.expects())
		return
	}
	if zone, ok := s.(*Timezone); ok && key == "timezone" {
		d.scope.zone = zone.Location
	}
}

// enum fills a text that is one of a few words.
func (d *decoder) enum(key string, n *yaml.Node, v reflect.Value, known []string) {
	t, ok := d.text(key, n, strings.Join(known, ", "))
	if !ok {
		return
	}
	for _, word := range known {
		if strings.EqualFold(word, t.value) {
			v.SetString(word)
			return
		}
	}
	fix := "write one of " + strings.Join(known, ", ")
	if best, distance := nearest(t.value, known); !t.refers && distance <= 2 {
		fix += fmt.Sprintf(" (did you mean %q?)", best)
	}
	d.fail(key, t.shown+" is not known", fix)
}

// secret keeps a secret unresolved. Nothing of it is ever shown, not even in an error.
func (d *decoder) secret(key string, n *yaml.Node, s *Secret) {
	switch {
	case isNull(n):
		d.fail(key, "has no value", "write it, or leave the key out")
		return
	case n.Kind != yaml.ScalarNode || !isText(n):
		d.fail(key, "is "+kindOf(n), "write text: put the value in quotes")
		return
	}
	text, err := parseTemplate(n.Value)
	if err != nil {
		d.fail(key, err.Error(), templateFix)
		return
	}
	if len(text) == 0 {
		return
	}
	*s = newSecret(&secretRef{text: text, env: d.env, dir: d.scope.dir, at: *d.at(key, "", "")})
	d.secrets = append(d.secrets, secretKey{key, *s})
}

// follow gives what an alias stands for.
func follow(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// isText reports whether YAML reads a scalar as text. A plain date is text here.
func isText(n *yaml.Node) bool {
	tag := n.ShortTag()
	return tag == "!!str" || tag == "!!timestamp"
}

// kindOf names what a node is, for a sentence.
func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a map of keys"
	case yaml.SequenceNode:
		return "a list"
	}
	switch n.ShortTag() {
	case "!!null":
		return "nothing"
	case "!!bool":
		return "true or false"
	case "!!int", "!!float":
		return "a number"
	case "!!str", "!!timestamp":
		return "text"
	}
	return "of a type that is not used here"
}

// quote shows a text in an error, cut when it is long.
func quote(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return strconv.Quote(text)
}
