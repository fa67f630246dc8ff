package transform

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"slices"
	"strings"

	"github.com/valyala/fastjson"
)

// Policy is what the configuration says of privacy.
type Policy struct {
	PrivateIncidents string // exclude, redact or include
	People           string // hash, include or drop; anything else is hash
	HashKey          []byte // key of the hash that stands for a person
}

// isSecret recognises credentials that some objects carry; they are stored nowhere.
func isSecret(key []byte) bool {
	switch string(key) {
	case "secret_token", "alert_events_url":
		return true
	}
	return false
}

// isPersonKey recognises the keys under which the API puts a user.
func isPersonKey(key []byte) bool {
	switch string(key) {
	case "user", "assignee":
		return true
	}
	return false
}

// privacy applies a policy to parsed objects, in place.
type privacy struct {
	policy Policy
	mac    hash.Hash
	names  map[string]string // pseudonyms seen so far: an organisation has few people
}

func newPrivacy(p Policy) *privacy {
	if p.People != "include" && p.People != "drop" {
		p.People = "hash"
	}
	return &privacy{policy: p, mac: hmac.New(sha256.New, p.HashKey), names: map[string]string{}}
}

// apply removes secrets and treats people below v as the policy says. people overrides the policy's word on people.
func (p *privacy) apply(a *fastjson.Arena, v *fastjson.Value, people string) {
	switch v.Type() {
	case fastjson.TypeArray:
		items, _ := v.Array()
		for i, item := range items {
			if people == "drop" && isPerson(item) {
				v.SetArrayItem(i, a.NewNull())
				continue
			}
			p.apply(a, item, people)
		}
	case fastjson.TypeObject:
		if people == "hash" && isPerson(v) {
			p.pseudonymise(a, v)
		}
		p.fields(a, v, people)
	}
}

func (p *privacy) fields(a *fastjson.Arena, v *fastjson.Value, people string) {
	var drop []string
	type put struct {
		key   string
		value *fastjson.Value
	}
	var puts []put
	v.GetObject().Visit(func(key []byte, child *fastjson.Value) {
		kind := child.Type()
		object := kind == fastjson.TypeObject
		switch {
		case isSecret(key):
			drop = append(drop, string(key))
		case kind != fastjson.TypeNull && (isPersonKey(key) || isPerson(child)):
			switch {
			case people == "drop":
				drop = append(drop, string(key))
				return
			case people == "hash" && object:
				p.pseudonymise(a, child)
			case people == "hash":
				drop = append(drop, string(key))
				puts = append(puts, put{string(key), p.anonymous(a, child)})
				return
			}
			if object {
				p.fields(a, child, people)
			} else {
				p.apply(a, child, people)
			}
		case object || kind == fastjson.TypeArray:
			p.apply(a, child, people)
		}
	})
	for _, key := range drop {
		v.Del(key)
	}
	for _, x := range puts {
		v.Set(x.key, x.value)
	}
}

// anonymous is what stands for a person, or for several, where the API gives no object: a name or an id, or a list.
func (p *privacy) anonymous(a *fastjson.Arena, v *fastjson.Value) *fastjson.Value {
	switch v.Type() {
	case fastjson.TypeArray:
		items, _ := v.Array()
		for i, item := range items {
			if item.Type() == fastjson.TypeObject {
				p.pseudonymise(a, item)
				p.fields(a, item, "hash")
			} else {
				v.SetArrayItem(i, p.anonymous(a, item))
			}
		}
		return v
	case fastjson.TypeNull:
		return v
	default:
		return a.NewString(p.pseudonym(scalarText(v)))
	}
}

// isPerson recognises a user wherever it stands, in fields that the API adds later too.
func isPerson(v *fastjson.Value) bool {
	return v.Type() == fastjson.TypeObject && (v.Exists("email") || v.Exists("slack_user_id") || v.Exists("login")) && !isMachine(v)
}

// pseudonymise leaves of a person a name that is the same wherever the person stands and tells nothing, and the fields
// that are known to tell nothing.
func (p *privacy) pseudonymise(a *fastjson.Arena, v *fastjson.Value) {
	var who []byte
	for _, key := range [...]string{"login", "id", "email", "slack_user_id", "name"} {
		if who = v.GetStringBytes(key); len(who) > 0 {
			break
		}
	}
	name := a.NewString(p.pseudonym(who))
	v.Del("email")
	v.Del("slack_user_id")
	var drop []string
	ids, names, logins := 0, 0, 0
	v.GetObject().Visit(func(key []byte, _ *fastjson.Value) {
		switch string(key) {
		case "id":
			ids++
		case "name":
			names++
		case "login":
			logins++
		case "type", "__typename", "role", "base_role", "custom_roles", "seats", "is_active":
		default:
			drop = append(drop, string(key))
		}
	})
	for _, key := range drop {
		v.Del(key)
	}
	setOnly(v, "id", name, ids)
	setOnly(v, "name", name, names)
	if logins > 0 {
		setOnly(v, "login", name, logins)
	}
}

// pseudonym is what stands for a person. A pseudonym stands for itself: a source may give again what has landed.
func (p *privacy) pseudonym(who []byte) string {
	if isPseudonym(who) {
		return string(who)
	}
	name, ok := p.names[string(who)]
	if !ok {
		p.mac.Reset()
		p.mac.Write(who)
		name = pseudonymPrefix + hex.EncodeToString(p.mac.Sum(nil)[:8])
		p.names[string(who)] = name
	}
	return name
}

const pseudonymPrefix = "person-"

func isPseudonym(who []byte) bool {
	digits, ok := bytes.CutPrefix(who, []byte(pseudonymPrefix))
	if !ok || len(digits) != 16 {
		return false
	}
	return !bytes.ContainsFunc(digits, func(r rune) bool { return !strings.ContainsRune(hexDigits, r) })
}

// setOnly sets a field that is there n times, which JSON allows, once.
func setOnly(v *fastjson.Value, name string, to *fastjson.Value, n int) {
	for ; n > 1; n-- {
		v.Del(name)
	}
	v.Set(name, to)
}

// redact leaves of a private object what its table keeps: enough to count it, no text and nobody.
func (p *privacy) redact(a *fastjson.Arena, t *Table, v *fastjson.Value) {
	keep(v, t.Kept)
	for key, text := range t.Placeholder {
		v.Set(key, a.NewString(text))
	}
	for _, entry := range v.GetArray("custom_field_entries") {
		for _, value := range entry.GetArray("values") {
			keep(value, keptValues)
			keep(value.Get("value_catalog_entry"), keptOfCatalogEntry)
		}
	}
	keep(v.Get("resource"), keptOfResource)
	p.apply(a, v, "drop")
}

// What redaction leaves of nested objects: no free text, no titles, no aliases.
var (
	keptValues         = []string{"value_option", "value_catalog_entry", "value_numeric"}
	keptOfCatalogEntry = []string{"id", "name"}
	keptOfResource     = []string{"resource_type", "external_id", "permalink"}
)

// keep removes all other fields of v.
func keep(v *fastjson.Value, names []string) {
	var drop []string
	v.GetObject().Visit(func(key []byte, _ *fastjson.Value) {
		if !slices.Contains(names, string(key)) {
			drop = append(drop, string(key))
		}
	})
	for _, key := range drop {
		v.Del(key)
	}
}
