package github

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// graphError is an error in GitHub's shape.
type graphError struct {
	Type       string         `json:"type,omitempty"`
	Path       []any          `json:"path,omitempty"`
	Extensions map[string]any `json:"extensions,omitempty"`
	Locations  []location     `json:"locations,omitempty"`
	Message    string         `json:"message"`
}

type location struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

func (e *graphError) Error() string { return e.Message }

func at(p *ast.Position) []location {
	if p == nil {
		return nil
	}
	return []location{{p.Line, p.Column}}
}

func notFoundNode(what string) *graphError {
	return &graphError{Type: "NOT_FOUND", Message: "Could not resolve to " + what}
}

func parseError(err error) *graphError {
	out := &graphError{Message: "Parse error: " + err.Error()}
	var g *gqlerror.Error
	if errors.As(err, &g) {
		out.Message = "Parse error: " + g.Message
		for _, l := range g.Locations {
			out.Message += fmt.Sprintf(" at [%d, %d]", l.Line, l.Column)
			out.Locations = append(out.Locations, location{l.Line, l.Column})
		}
	}
	return out
}

var quoted = regexp.MustCompile(`"([^"]*)"`)

// validationErrors puts gqlparser's findings into the words and codes of GitHub's server.
func validationErrors(c *graphCall, list gqlerror.List) []*graphError {
	out := make([]*graphError, 0, len(list))
	for _, g := range list {
		e := &graphError{Message: g.Message}
		for _, l := range g.Locations {
			e.Locations = append(e.Locations, location{l.Line, l.Column})
		}
		f, path := c.findAt(e.Locations)
		e.Path = path
		names := []string{"", "", ""}
		for i, m := range quoted.FindAllStringSubmatch(g.Message, 3) {
			names[i] = strings.TrimPrefix(m[1], "$")
		}
		translate(e, g, f, names, c.operation)
		out = append(out, e)
	}
	return out
}

// translate fills in an error by the rule that was broken. names are what the message has between quotes; f is the field
// at its place, or nil.
func translate(e *graphError, g *gqlerror.Error, f *ast.Field, names []string, op *ast.OperationDefinition) {
	operation := "anonymous query"
	if op != nil && op.Name != "" {
		operation = op.Name
	}
	set := func(code, message string, more map[string]any) {
		e.Message, e.Extensions = message, map[string]any{"code": code}
		for k, v := range more {
			e.Extensions[k] = v
		}
	}
	switch g.Rule {
	case "FieldsOnCorrectType":
		set("undefinedField", fmt.Sprintf("Field '%s' doesn't exist on type '%s'", names[0], names[1]), object{"typeName": names[1], "fieldName": names[0]})
	case "KnownArgumentNames":
		if f == nil {
			return
		}
		set("argumentNotAccepted", fmt.Sprintf("Field '%s' doesn't accept argument '%s'", f.Name, names[0]), object{"name": f.Name, "typeName": "Field", "argumentName": names[0]})
		e.Path = append(e.Path, names[0])
		if a := f.Arguments.ForName(names[0]); a != nil {
			e.Locations = at(a.Position)
		}
	case "ProvidedRequiredArguments":
		set("missingRequiredArguments", fmt.Sprintf("Field '%s' is missing required arguments: %s", names[0], names[1]), object{"className": "Field", "name": names[0], "arguments": names[1]})
	case "ScalarLeafs":
		if strings.Contains(g.Message, "must not have") {
			set("selectionMismatch", fmt.Sprintf("Selections can't be made on scalars (field '%s' returns %s but has selections)", names[0], names[1]), object{"nodeName": "field '" + names[0] + "'", "typeName": names[1]})
			return
		}
		kind := strings.Trim(names[1], "[]!")
		set("selectionMismatch", fmt.Sprintf("Field must have selections (field '%s' returns %s but has no selections. Did you mean '%s { ... }'?)", names[0], kind, names[0]), object{"nodeName": "field '" + names[0] + "'", "typeName": kind})
	case "ValuesOfCorrectType":
		set("argumentLiteralsIncompatible", g.Message, object{"typeName": "Field"})
	case "VariablesInAllowedPosition":
		set("variableMismatch", g.Message, object{"variableName": names[0]})
	case "NoUnusedVariables":
		set("variableNotUsed", fmt.Sprintf("Variable $%s is declared by %s but not used", names[0], operation), object{"variableName": names[0]})
	case "NoUndefinedVariables":
		set("variableNotDefined", fmt.Sprintf("Variable $%s is used by %s but not declared", names[0], operation), object{"variableName": names[0]})
	case "KnownFragmentNames":
		set("useAndDefineFragment", fmt.Sprintf("Fragment %s was used, but not defined", names[0]), object{"fragmentName": names[0]})
	case "NoUnusedFragments":
		set("useAndDefineFragment", fmt.Sprintf("Fragment %s was defined, but not used", names[0]), object{"fragmentName": names[0]})
	case "KnownTypeNames":
		set("undefinedType", fmt.Sprintf("No such type %s, so it can't be a fragment condition", names[0]), object{"typeName": names[0]})
	case "KnownDirectives":
		set("undefinedDirective", fmt.Sprintf("Directive %s is not defined", names[0]), object{"directiveName": strings.TrimPrefix(names[0], "@")})
	case "OverlappingFieldsCanBeMerged":
		set("fieldConflict", g.Message, nil)
	}
}

// variableError is what a value gets that does not fit its variable.
func variableError(op *ast.OperationDefinition, given map[string]any, err error) *graphError {
	name, why := "", err.Error()
	var g *gqlerror.Error
	if errors.As(err, &g) {
		why = g.Message
		if len(g.Path) > 1 {
			name = fmt.Sprint(g.Path[1])
		}
	}
	e := &graphError{Message: why}
	if v := op.VariableDefinitions.ForName(name); v != nil {
		e.Message = fmt.Sprintf("Variable $%s of type %s was provided invalid value", name, v.Type.String())
		e.Locations = at(v.Position)
		e.Extensions = map[string]any{"value": given[name], "problems": []any{object{"path": []any{}, "explanation": why}}}
	}
	return e
}

// findAt gives the innermost field around a place, and the way to it as GitHub names it.
func (c *graphCall) findAt(where []location) (*ast.Field, []any) {
	if len(where) == 0 {
		return nil, nil
	}
	for _, op := range c.document.Operations {
		root := string(op.Operation)
		if op.Name != "" {
			root += " " + op.Name
		}
		if f, path := findIn(op.SelectionSet, where[0], nil, []any{root}); path != nil {
			return f, path
		}
	}
	for _, fragment := range c.document.Fragments {
		if f, path := findIn(fragment.SelectionSet, where[0], nil, []any{"fragment " + fragment.Name}); path != nil {
			return f, path
		}
	}
	return nil, nil
}

func findIn(set ast.SelectionSet, where location, parent *ast.Field, path []any) (*ast.Field, []any) {
	is := func(p *ast.Position) bool { return p != nil && p.Line == where.Line && p.Column == where.Column }
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			here := append(append([]any{}, path...), s.Alias)
			found := is(s.Position)
			for _, a := range s.Arguments {
				found = found || is(a.Position) || is(a.Value.Position)
			}
			if found {
				return s, here
			}
			if f, p := findIn(s.SelectionSet, where, s, here); p != nil {
				return f, p
			}
		case *ast.InlineFragment:
			here := path
			if s.TypeCondition != "" {
				here = append(append([]any{}, path...), "... on "+s.TypeCondition)
			}
			if is(s.Position) {
				return parent, here
			}
			if f, p := findIn(s.SelectionSet, where, parent, here); p != nil {
				return f, p
			}
		case *ast.FragmentSpread:
			if is(s.Position) {
				return parent, append(append([]any{}, path...), "... "+s.Name)
			}
		}
	}
	return nil, nil
}
