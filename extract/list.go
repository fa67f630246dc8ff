package extract

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/valyala/fastjson"
)

// deepest is how deep JSON may nest before it is taken for an attack. incident.io's own reaches about ten.
const deepest = 256

var (
	errCut     = errors.New("JSON ends too early")
	errDeep    = errors.New("JSON nests too deeply")
	errNotJSON = errors.New("not JSON")
	errEnough  = errors.New("enough")
)

// List is one page of a list: the bytes of its objects, found by their brackets without decoding them.
type List struct {
	// Items are slices of the body that was parsed.
	Items [][]byte
	// Meta is the value of the page's other member that was asked for, nil if there is none.
	Meta []byte
}

// Parse finds in an answer the array under key and the value under meta, and checks that all of it is valid JSON. A null
// list is an empty one and null elements are passed over; a missing list is an error, for it cannot be told from an
// answer to another question. Items' memory is used again.
func (l *List) Parse(body []byte, key, meta string) error {
	l.Items, l.Meta = l.Items[:0], nil
	found := false
	err := Members(body, func(k, v []byte) error {
		switch {
		case string(k) == meta && string(v) != "null":
			l.Meta = v
		case string(k) == key && string(v) == "null":
			found = true
		case string(k) == key && v[0] == '[':
			found = true
			return elements(v, l.add)
		}
		return nil
	})
	if err != nil {
		return err
	}
	// The brackets match and are not too many, so the recursive validator is safe now.
	if err := validJSON(body); err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("it has no list %q", key)
	}
	return nil
}

func (l *List) add(item []byte) error {
	switch {
	case string(item) == "null":
		return nil
	case item[0] != '{':
		return errors.New("an element of the list is not an object")
	}
	l.Items = append(l.Items, item)
	return nil
}

// elements visits the elements of an array.
func elements(array []byte, visit func(value []byte) error) error {
	i := space(array, 1)
	if i < len(array) && array[i] == ']' {
		return nil
	}
	for {
		end, err := skip(array, i)
		if err != nil {
			return err
		}
		if err := visit(array[i:end]); err != nil {
			return err
		}
		i = space(array, end)
		switch {
		case i >= len(array):
			return errCut
		case array[i] == ']':
			return nil
		case array[i] != ',':
			return errNotJSON
		}
		i = space(array, i+1)
	}
}

// Members visits the members of a JSON object in their order; an error of visit ends it. Keys come without quotes and
// unescaped, values as they stand. Only brackets and strings are looked at: the caller has validated the JSON or will.
func Members(object []byte, visit func(key, value []byte) error) error {
	i := space(object, 0)
	if i >= len(object) || object[i] != '{' {
		return errors.New("not a JSON object")
	}
	i = space(object, i+1)
	if i < len(object) && object[i] == '}' {
		return nil
	}
	for {
		if i >= len(object) {
			return errCut
		}
		if object[i] != '"' {
			return errNotJSON
		}
		end, err := skipString(object, i)
		if err != nil {
			return err
		}
		key := object[i+1 : end-1]
		if bytes.IndexByte(key, '\\') >= 0 {
			key = []byte(Text(object[i:end]))
		}
		if i = space(object, end); i >= len(object) {
			return errCut
		}
		if object[i] != ':' {
			return errNotJSON
		}
		i = space(object, i+1)
		if end, err = skip(object, i); err != nil {
			return err
		}
		if err := visit(key, object[i:end]); err != nil {
			return err
		}
		if i = space(object, end); i >= len(object) {
			return errCut
		}
		switch object[i] {
		case '}':
			return nil
		case ',':
			i = space(object, i+1)
		default:
			return errNotJSON
		}
	}
}

// Text gives the value of a JSON string; "" for anything else.
func Text(value []byte) string {
	if len(value) < 2 || value[0] != '"' {
		return ""
	}
	if bytes.IndexByte(value, '\\') < 0 {
		return string(value[1 : len(value)-1])
	}
	v, err := fastjson.ParseBytes(value)
	if err != nil {
		return ""
	}
	return string(v.GetStringBytes())
}

// Texts gives the values of top-level string members of an object, "" for those that are absent or no strings. It stops
// at the last one it needs.
func Texts(object []byte, names ...string) []string {
	out := make([]string, len(names))
	missing := len(names)
	_ = Members(object, func(k, v []byte) error { // what is not valid has no members
		for i, n := range names {
			if string(k) == n && out[i] == "" {
				if out[i] = Text(v); out[i] != "" {
					missing--
				}
			}
		}
		if missing == 0 {
			return errEnough
		}
		return nil
	})
	return out
}

func space(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// skip gives the index after the value that begins at i.
func skip(b []byte, i int) (int, error) {
	if i >= len(b) {
		return i, errCut
	}
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{', '[':
		return skipNested(b, i)
	}
	start := i
	for i < len(b) && b[i] != ',' && b[i] != '}' && b[i] != ']' && b[i] > ' ' {
		i++
	}
	if i == start {
		return i, errNotJSON
	}
	return i, nil
}

func skipString(b []byte, i int) (int, error) {
	for i++; i < len(b); i++ {
		switch b[i] {
		case '"':
			return i + 1, nil
		case '\\':
			i++
		}
	}
	return i, errCut
}

func skipNested(b []byte, i int) (int, error) {
	var open [deepest]byte
	depth := 0
	for i < len(b) {
		switch c := b[i]; c {
		case '"':
			end, err := skipString(b, i)
			if err != nil {
				return end, err
			}
			i = end
			continue
		case '{', '[':
			if depth == deepest {
				return i, errDeep
			}
			open[depth] = c + 2 // the closing bracket's code
			depth++
		case '}', ']':
			depth--
			if open[depth] != c {
				return i, errNotJSON
			}
			if depth == 0 {
				return i + 1, nil
			}
		}
		i++
	}
	return i, errCut
}
