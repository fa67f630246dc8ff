package github

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// restField is a field of testdata/rest_schemas.json.
type restField struct {
	Name     string
	Type     string
	Nullable bool
	Required bool
	Enum     []string
	Fields   []restField
}

type restSchemas struct {
	Objects   map[string]struct{ Fields []restField }
	Endpoints map[string]struct{ Query []struct{ Name string } }
}

func readSchemas(t *testing.T) restSchemas {
	t.Helper()
	text, err := os.ReadFile("testdata/rest_schemas.json")
	if err != nil {
		t.Fatal(err)
	}
	var s restSchemas
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// holds names every place where a value differs from the fields of an object: what is required and missing, what has
// another type, what is null and must not be. An unset text is an empty one; null stands for what has gone.
func (s restSchemas) holds(fields []restField, v any, at string) []string {
	o, ok := v.(map[string]any)
	if !ok {
		return []string{fmt.Sprintf("%s is %T", at, v)}
	}
	var out []string
	for _, f := range fields {
		x, here := o[f.Name]
		where := at + "." + f.Name
		switch {
		case !here && (f.Name == "network_count" || f.Name == "subscribers_count") && at != "repository": // of the whole object only
		case !here && f.Required:
			out = append(out, where+" is missing")
		case !here:
		case x == nil && !f.Nullable && where != "pull_request_list_item.head.repo" && where != "pull_request.head.repo":
			out = append(out, where+" is null")
		case x == nil:
		case !s.fits(f, x):
			out = append(out, fmt.Sprintf("%s is %v, want %s %v", where, x, f.Type, f.Enum))
		case len(f.Fields) > 0 && f.Type == "object":
			out = append(out, s.holds(f.Fields, x, where)...)
		case len(f.Fields) > 0:
			for _, item := range x.([]any) {
				out = append(out, s.holds(f.Fields, item, where)...)
			}
		case s.Objects[strings.ReplaceAll(f.Type, "-", "_")].Fields != nil:
			out = append(out, s.holds(s.Objects[strings.ReplaceAll(f.Type, "-", "_")].Fields, x, where)...)
		}
	}
	return out
}

func (s restSchemas) fits(f restField, x any) bool {
	kind, _, _ := strings.Cut(f.Type, "<")
	text, isText := x.(string)
	number, isNumber := x.(float64)
	switch kind {
	case "string", "url":
		return isText && (len(f.Enum) == 0 || slices.Contains(f.Enum, text))
	case "timestamp":
		_, err := time.Parse("2006-01-02T15:04:05Z", text)
		return err == nil
	case "int64", "integer":
		return isNumber && number == math.Trunc(number)
	case "boolean":
		_, ok := x.(bool)
		return ok
	case "array":
		_, ok := x.([]any)
		return ok
	case "object|string":
		_, ok := x.(map[string]any)
		return ok || isText
	default:
		_, ok := x.(map[string]any)
		return ok
	}
}
