package transform

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/valyala/fastjson"
)

func splitPath(p string) []string { return strings.Split(p, ".") }

// writer writes values as compact JSON. Strings are escaped here and not by fastjson, whose way of escaping is Go's and
// not always JSON's. Its scratch space is kept from one value to the next.
type writer struct {
	// canonical sorts keys and leaves null fields out, so that two objects that mean the same give the same bytes.
	canonical bool
	fields    []field // a stack: each object being written owns the top of it
}

type field struct {
	key   []byte
	value *fastjson.Value
}

// append appends v without the fields that are leaves of skip.
func (c *writer) append(dst []byte, v *fastjson.Value, skip *pathTrie) []byte {
	switch v.Type() {
	case fastjson.TypeObject:
		return c.object(dst, v, skip)
	case fastjson.TypeArray:
		dst = append(dst, '[')
		items, _ := v.Array()
		for i, item := range items {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = c.append(dst, item, skip)
		}
		return append(dst, ']')
	case fastjson.TypeString:
		return appendString(dst, v.GetStringBytes())
	case fastjson.TypeNumber:
		start := len(dst)
		if dst = v.MarshalTo(dst); !isNumber(dst[start:]) {
			return appendString(dst[:start], string(dst[start:]))
		}
		return dst
	default:
		return v.MarshalTo(dst)
	}
}

func (c *writer) object(dst []byte, v *fastjson.Value, skip *pathTrie) []byte {
	base := len(c.fields)
	o, _ := v.Object()
	o.Visit(func(key []byte, value *fastjson.Value) {
		if n := skip.child(key); n != nil && n.leaf {
			return
		}
		// A field that is null and one that is absent mean the same to this API.
		if !c.canonical || value.Type() != fastjson.TypeNull {
			c.fields = append(c.fields, field{key, value})
		}
	})
	own := c.fields[base:]
	if c.canonical {
		slices.SortFunc(own, func(a, b field) int { return bytes.Compare(a.key, b.key) })
	}
	dst = append(dst, '{')
	for i := range own {
		if i > 0 {
			dst = append(dst, ',')
		}
		// The stack may move while deeper objects are written, so own is read anew by index.
		f := c.fields[base+i]
		dst = appendString(dst, f.key)
		dst = append(dst, ':')
		dst = c.append(dst, f.value, skip.child(f.key))
	}
	c.fields = c.fields[:base]
	return append(dst, '}')
}

// isNumber reports whether b is a number as JSON writes it. The parser lets more pass, such as nan and 1.2.3.
func isNumber(b []byte) bool {
	i := 0
	digits := func() bool {
		start := i
		for i < len(b) && b[i] >= '0' && b[i] <= '9' {
			i++
		}
		return i > start
	}
	if i < len(b) && b[i] == '-' {
		i++
	}
	if i < len(b) && b[i] == '0' {
		i++
	} else if !digits() {
		return false
	}
	if i < len(b) && b[i] == '.' {
		i++
		if !digits() {
			return false
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if !digits() {
			return false
		}
	}
	return i == len(b)
}

const hexDigits = "0123456789abcdef"

// appendString appends s as a JSON string.
func appendString[T string | []byte](dst []byte, s T) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		b := s[i]
		if b >= 0x20 && b != '"' && b != '\\' {
			continue
		}
		dst = append(dst, s[start:i]...)
		switch b {
		case '"', '\\':
			dst = append(dst, '\\', b)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[b>>4], hexDigits[b&15])
		}
		start = i + 1
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// appendHash appends the hash of canonical bytes as 32 hexadecimal digits: the first half of a SHA-256.
func appendHash(dst, canonical []byte) []byte {
	sum := sha256.Sum256(canonical)
	return hex.AppendEncode(dst, sum[:16])
}
