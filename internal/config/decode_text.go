package config

import (
	"slices"
	"strconv"

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
