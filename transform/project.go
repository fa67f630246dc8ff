package transform

import (
	"errors"
	"fmt"

	"github.com/valyala/fastjson"
)

// Projections: what the marts need of nested lists, without the definitions that every incident repeats in full.

// object writes one object field by field.
type object struct {
	dst   []byte
	empty bool
}

func open(dst []byte) object { return object{append(dst, '{'), true} }

// field appends a field with the value as received; an absent or null value leaves it out.
func (o *object) field(name string, v *fastjson.Value) {
	if v == nil || v.Type() == fastjson.TypeNull {
		return
	}
	o.name(name)
	o.dst = (&writer{}).append(o.dst, v, nil)
}

// text appends a field whose value is text whatever the source's type is.
func (o *object) text(name string, v *fastjson.Value) {
	if v == nil || v.Type() == fastjson.TypeNull {
		return
	}
	o.name(name)
	o.dst = appendString(o.dst, scalarText(v))
}

func (o *object) name(name string) {
	if !o.empty {
		o.dst = append(o.dst, ',')
	}
	o.empty = false
	o.dst = appendString(o.dst, name)
	o.dst = append(o.dst, ':')
}

func (o *object) close() []byte { return append(o.dst, '}') }

// list writes one object for each item; nothing where the list is absent.
func list(dst []byte, v *fastjson.Value, each func(*object, *fastjson.Value)) []byte {
	if v == nil || v.Type() != fastjson.TypeArray {
		return dst
	}
	dst = append(dst, '[')
	for i, item := range v.GetArray() {
		if i > 0 {
			dst = append(dst, ',')
		}
		o := open(dst)
		each(&o, item)
		dst = o.close()
	}
	return append(dst, ']')
}

// asReceived keeps an array, or an object, as it is.
func asReceived(key string) func([]byte, *fastjson.Value) []byte {
	return func(dst []byte, v *fastjson.Value) []byte {
		a := v.Get(key)
		if a == nil || a.Type() != fastjson.TypeArray && a.Type() != fastjson.TypeObject {
			return dst
		}
		return (&writer{}).append(dst, a, nil)
	}
}

func projectTimestamps(dst []byte, v *fastjson.Value) []byte {
	return list(dst, v.Get("incident_timestamp_values"), func(o *object, t *fastjson.Value) {
		o.field("id", t.Get("incident_timestamp", "id"))
		o.field("name", t.Get("incident_timestamp", "name"))
		o.field("rank", t.Get("incident_timestamp", "rank"))
		if at, ok := parseInstant(t.GetStringBytes("value", "value")); ok {
			o.name("at")
			o.dst = appendInstant(o.dst, at)
		}
	})
}

// checkTimestamps names the timestamps whose values are no times.
func checkTimestamps(v *fastjson.Value) error {
	var errs []error
	for _, t := range v.GetArray("incident_timestamp_values") {
		value := t.Get("value", "value")
		if err := new(cell).scan(Instant, value); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", t.GetStringBytes("incident_timestamp", "name"), err))
		}
	}
	return errors.Join(errs...)
}

func projectCustomFields(dst []byte, v *fastjson.Value) []byte {
	return list(dst, v.Get("custom_field_entries"), func(o *object, e *fastjson.Value) {
		o.field("id", e.Get("custom_field", "id"))
		o.field("name", e.Get("custom_field", "name"))
		o.field("type", e.Get("custom_field", "field_type"))
		o.name("values")
		before := len(o.dst)
		o.dst = list(o.dst, e.Get("values"), func(o *object, value *fastjson.Value) {
			for _, kind := range [...]struct{ key, id, text string }{
				{"value_option", "id", "value"},
				{"value_catalog_entry", "id", "name"},
			} {
				if x := value.Get(kind.key); x != nil && x.Type() == fastjson.TypeObject {
					o.field("id", x.Get(kind.id))
					o.text("value", x.Get(kind.text))
					return
				}
			}
			for _, key := range [...]string{"value_numeric", "value_text", "value_link"} {
				if x := value.Get(key); x != nil && x.Type() != fastjson.TypeNull {
					o.text("value", x)
					return
				}
			}
		})
		if len(o.dst) == before {
			o.dst = append(o.dst, '[', ']')
		}
	})
}

func projectRoles(dst []byte, v *fastjson.Value) []byte {
	return list(dst, v.Get("incident_role_assignments"), func(o *object, a *fastjson.Value) {
		o.field("id", a.Get("role", "id"))
		o.field("name", a.Get("role", "name"))
		o.field("role_type", a.Get("role", "role_type"))
		o.field("assignee_id", a.Get("assignee", "id"))
		o.field("assignee_name", a.Get("assignee", "name"))
	})
}

func projectDurations(dst []byte, v *fastjson.Value) []byte {
	return list(dst, v.Get("duration_metrics"), func(o *object, m *fastjson.Value) {
		o.field("id", m.Get("duration_metric", "id"))
		o.field("name", m.Get("duration_metric", "name"))
		o.field("status", m.Get("status"))
		o.field("value_seconds", m.Get("value_seconds"))
	})
}
