package github

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// ordered is an object whose keys come in the order of the query.
type ordered struct {
	keys   []string
	values []any
}

// MarshalJSON writes the keys in their order.
func (o *ordered) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, key := range o.keys {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(key)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(o.values[i])
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// collected is what is selected under one name.
type collected struct {
	alias string
	nodes []*ast.Field
}

// execute answers the operation. The organisation stands still meanwhile.
func (c *graphCall) execute() []byte {
	data, null := c.object(root{}, []ast.SelectionSet{c.operation.SelectionSet}, nil)
	out := &ordered{keys: []string{"data"}, values: []any{data}}
	if null {
		out.values[0] = nil
	}
	if len(c.errors) > 0 {
		out.keys, out.values = append(out.keys, "errors"), append(out.values, c.errors)
	}
	return mustJSON(out)
}

// left says whether @skip or @include leaves a selection out.
func (c *graphCall) left(selection ast.Selection) bool {
	var directives ast.DirectiveList
	switch s := selection.(type) {
	case *ast.Field:
		directives = s.Directives
	case *ast.FragmentSpread:
		directives = s.Directives
	case *ast.InlineFragment:
		directives = s.Directives
	}
	if d := directives.ForName("skip"); d != nil && d.ArgumentMap(c.variables)["if"] == true {
		return true
	}
	d := directives.ForName("include")
	return d != nil && d.ArgumentMap(c.variables)["if"] != true
}

// collect gathers the fields that are selected of a type, by the name that they are answered under.
func (c *graphCall) collect(typeName string, sets []ast.SelectionSet) []*collected {
	var out []*collected
	byAlias := map[string]*collected{}
	var add func(set ast.SelectionSet)
	add = func(set ast.SelectionSet) {
		for _, selection := range set {
			if c.left(selection) {
				continue
			}
			switch s := selection.(type) {
			case *ast.Field:
				if byAlias[s.Alias] == nil {
					byAlias[s.Alias] = &collected{alias: s.Alias}
					out = append(out, byAlias[s.Alias])
				}
				byAlias[s.Alias].nodes = append(byAlias[s.Alias].nodes, s)
			case *ast.InlineFragment:
				if c.applies(s.TypeCondition, typeName) {
					add(s.SelectionSet)
				}
			case *ast.FragmentSpread:
				if c.applies(s.Definition.TypeCondition, typeName) {
					add(s.Definition.SelectionSet)
				}
			}
		}
	}
	for _, set := range sets {
		add(set)
	}
	return out
}

// applies says whether a fragment on a type fits an object.
func (c *graphCall) applies(condition, typeName string) bool {
	if condition == "" || condition == typeName {
		return true
	}
	return slices.ContainsFunc(c.schema.PossibleTypes[condition], func(d *ast.Definition) bool { return d.Name == typeName })
}

// object answers all that is selected of one object; null if a field that must not be null is.
func (c *graphCall) object(source any, sets []ast.SelectionSet, path []any) (_ *ordered, null bool) {
	typeName := typeOf(source)
	out := &ordered{}
	for _, f := range c.collect(typeName, sets) {
		here := append(slices.Clip(path), f.alias)
		value, null := c.field(typeName, source, f, here)
		if null {
			return nil, true
		}
		out.keys, out.values = append(out.keys, f.alias), append(out.values, value)
	}
	return out, false
}

func (c *graphCall) field(typeName string, source any, f *collected, path []any) (_ any, null bool) {
	node := f.nodes[0]
	if node.Name == "__typename" {
		return typeName, false
	}
	// The definition is that of the type or interface that the query speaks of.
	resolve, definition := resolvers[typeName+"."+node.Name], node.Definition
	if resolve == nil || definition == nil {
		return c.failed(&graphError{Message: "The fake does not serve " + typeName + "." + node.Name}, node, path, false)
	}
	args := node.ArgumentMap(c.variables)
	var value any
	var err error
	if isConnection(node) {
		err = checkPage(node.Name, args)
	}
	if err == nil {
		value, err = resolve(c, source, args)
	}
	if err != nil {
		return c.failed(err, node, path, definition.Type.NonNull)
	}
	return c.complete(definition.Type, value, f, path)
}

// failed notes an error at a field, which is null.
func (c *graphCall) failed(err error, node *ast.Field, path []any, nonNull bool) (any, bool) {
	var g *graphError
	if !errors.As(err, &g) {
		g = &graphError{Message: err.Error()}
	}
	e := *g
	e.Locations = at(node.Position)
	e.Path = append(slices.Clone(path), g.Path...)
	c.errors = append(c.errors, &e)
	return nil, nonNull
}

// complete turns what a resolver gave into an answer of the field's type.
func (c *graphCall) complete(t *ast.Type, value any, f *collected, path []any) (_ any, null bool) {
	if isNil(value) {
		if t.NonNull {
			c.errors = append(c.errors, &graphError{Path: slices.Clone(path), Locations: at(f.nodes[0].Position), Message: "Cannot return null for non-nullable field " + f.nodes[0].ObjectDefinition.Name + "." + f.nodes[0].Name})
		}
		return nil, t.NonNull
	}
	if t.Elem != nil {
		list := value.([]any)
		out := make([]any, len(list))
		for i, item := range list {
			if e, ok := item.(*graphError); ok { // an element that could not be found
				out[i], null = c.failed(e, f.nodes[0], append(slices.Clip(path), i), t.Elem.NonNull)
			} else {
				out[i], null = c.complete(t.Elem, item, f, append(slices.Clip(path), i))
			}
			if null {
				return nil, t.NonNull
			}
		}
		return out, false
	}
	if c.schema.Types[t.NamedType].IsLeafType() {
		return value, false
	}
	sets := make([]ast.SelectionSet, 0, len(f.nodes))
	for _, n := range f.nodes {
		sets = append(sets, n.SelectionSet)
	}
	out, null := c.object(value, sets, path)
	if null {
		return nil, t.NonNull
	}
	return out, false
}

// isNil knows the pointers that resolvers give.
func isNil(v any) bool {
	switch x := v.(type) {
	case nil:
		return true
	case *Account:
		return x == nil
	case *Repository:
		return x == nil
	case *Status:
		return x == nil
	case *PullRequest:
		return x == nil
	case *Release:
		return x == nil
	case commitOf:
		return x.Commit == nil
	case refOf:
		return x.name == ""
	}
	return false
}

// typeOf names the GraphQL type of what resolvers give.
func typeOf(v any) string {
	switch x := v.(type) {
	case root:
		return "Query"
	case *Account:
		return x.Type
	case *Repository:
		return "Repository"
	case *Environment:
		return "Environment"
	case *Deployment:
		return "Deployment"
	case *Status:
		return "DeploymentStatus"
	case *PullRequest:
		return "PullRequest"
	case pullCommit:
		return "PullRequestCommit"
	case fileChange:
		return "PullRequestChangedFile"
	case *Review:
		return "PullRequestReview"
	case *Label:
		return "Label"
	case *Issue:
		return "Issue"
	case *Release:
		return "Release"
	case commitOf:
		return "Commit"
	case tagOf:
		return "Tag"
	case treeOf:
		return "Tree"
	case refOf:
		return "Ref"
	case gitActor:
		return "GitActor"
	case compared:
		return "Comparison"
	case *connection:
		return x.kind
	case pageInfo:
		return "PageInfo"
	case rateLimit:
		return "RateLimit"
	}
	panic(fmt.Sprintf("github fake: %T has no GraphQL type", v))
}
