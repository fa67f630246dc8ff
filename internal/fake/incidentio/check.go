package incidentio

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
	"time"
	"unicode/utf8"
)

// Check holds a JSON text against a named schema of api.json and returns every place where they differ, joined. Fields
// that the schema does not know are a difference too: the fake must not teach a client fields that do not exist.
// Bounds of numbers and least lengths are not checked, since the published examples break them (empty role
// descriptions, a page of 10,000 users).
func Check(schemaName string, body []byte) error {
	s := description().Schemas[schemaName]
	if s == nil {
		return fmt.Errorf("check an answer: api.json has no schema %q", schemaName)
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return fmt.Errorf("check an answer against %s: %w", schemaName, err)
	}
	var errs []error
	check(s, v, schemaName, &errs)
	return errors.Join(errs...)
}

// CheckAnswer is Check with the schema that api.json gives for the path of a GET.
func CheckAnswer(path string, body []byte) error {
	e, _ := description().route(path)
	if e == nil {
		return fmt.Errorf("check the answer of %s: no such path in api.json", path)
	}
	return Check(e.Response.Envelope, body)
}

func check(s *schema, v any, at string, errs *[]error) {
	fail := func(format string, args ...any) {
		*errs = append(*errs, fmt.Errorf("%s: %s", at, fmt.Sprintf(format, args...)))
	}
	if v == nil {
		if !s.Nullable && s.Type != "any" {
			fail("null where %s is wanted", s.Type)
		}
		return
	}
	if s.Ref != "" {
		target := description().Schemas[s.Ref]
		if target == nil {
			fail("api.json has no schema %q", s.Ref)
			return
		}
		check(target, v, at, errs)
		return
	}
	switch s.Type {
	case "any":
	case "object":
		o, ok := v.(map[string]any)
		if !ok {
			fail("%T where an object is wanted", v)
			return
		}
		checkObject(s, o, at, errs)
	case "array":
		list, ok := v.([]any)
		if !ok {
			fail("%T where an array is wanted", v)
			return
		}
		for i, item := range list {
			if s.Items != nil {
				check(s.Items, item, fmt.Sprintf("%s[%d]", at, i), errs)
			}
		}
	case "string":
		text, ok := v.(string)
		if !ok {
			fail("%T where a string is wanted", v)
			return
		}
		if len(s.Enum) > 0 && !slices.Contains(s.Enum, text) {
			fail("%q is none of %v", text, s.Enum)
		}
		if s.MaxLength > 0 && utf8.RuneCountInString(text) > s.MaxLength {
			fail("longer than %d characters", s.MaxLength)
		}
		if s.Format == "date-time" {
			if _, err := time.Parse(time.RFC3339Nano, text); err != nil {
				fail("%q is no RFC 3339 time", text)
			}
		}
	case "integer":
		if n, ok := v.(float64); !ok || n != math.Trunc(n) {
			fail("%v where an integer is wanted", v)
		}
	case "number":
		if _, ok := v.(float64); !ok {
			fail("%T where a number is wanted", v)
		}
	case "boolean":
		if _, ok := v.(bool); !ok {
			fail("%T where a boolean is wanted", v)
		}
	default:
		fail("api.json has a type %q that is not known here", s.Type)
	}
}

func checkObject(s *schema, o map[string]any, at string, errs *[]error) {
	names := make([]string, 0, len(o)+len(s.Fields))
	for name := range o {
		names = append(names, name)
	}
	for name, f := range s.Fields {
		if _, here := o[name]; f.Required && !here {
			*errs = append(*errs, fmt.Errorf("%s: the required field %q is missing", at, name))
		}
	}
	sort.Strings(names)
	for _, name := range names {
		switch f := s.Fields[name]; {
		case f != nil:
			check(f, o[name], at+"."+name, errs)
		case s.MapOf != nil:
			check(s.MapOf, o[name], at+"."+name, errs)
		case len(s.Fields) > 0:
			*errs = append(*errs, fmt.Errorf("%s: the schema has no field %q", at, name))
		}
	}
}
