package transform

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"

	"github.com/valyala/fastjson"
)

// Policy is what the configuration says of privacy.
type Policy struct {
	PrivateIncidents string // exclude, redact or include
	People           string // hash, include or drop
	HashKey          []byte // key of the hash that stands for a person
}

// secretFields are credentials that some objects carry; they are stored nowhere.
var secretFields = map[string]bool{"secret_token": true, "alert_events_url": true}

// personFields are the keys under which the API puts a user.
var personFields = map[string]bool{"user": true, "assignee": true}

// privacy applies a policy to parsed objects, in place.
type privacy struct {
	policy Policy
	mac    hash.Hash
	names  map[string]string // pseudonyms seen so far: an organisation has few people
}

func newPrivacy(p Policy) *privacy {
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
	v.GetObject().Visit(func(key []byte, child *fastjson.Value) {
		object := child.Type() == fastjson.TypeObject
		switch {
		case secretFields[string(key)]:
			drop = append(drop, string(key))
		case object && (personFields[string(key)] || isPerson(child)):
			switch people {
			case "drop":
				drop = append(drop, string(key))
				return
			case "hash":
				p.pseudonymise(a, child)
			}
			p.fields(a, child, people)
		case object || child.Type() == fastjson.TypeArray:
			p.apply(a, child, people)
		}
	})
	for _, key := range drop {
		v.Del(key)
	}
}

// isPerson recognises a user wherever it stands, in fields that the API adds later too.
func isPerson(v *fastjson.Value) bool {
	return v.Type() == fastjson.TypeObject && (v.Exists("email") || v.Exists("slack_user_id"))
}

// pseudonymise leaves of a person a name that is the same wherever the person stands and tells nothing.
func (p *privacy) pseudonymise(a *fastjson.Arena, v *fastjson.Value) {
	id := v.GetStringBytes("id")
	if len(id) == 0 {
		id = v.GetStringBytes("email")
	}
	name, ok := p.names[string(id)]
	if !ok {
		p.mac.Reset()
		p.mac.Write(id)
		name = "person-" + hex.EncodeToString(p.mac.Sum(nil)[:8])
		p.names[string(id)] = name
	}
	if string(id) == name {
		return
	}
	v.Set("id", a.NewString(name))
	v.Set("name", a.NewString(name))
	for _, key := range []string{"email", "slack_user_id"} {
		v.Del(key)
	}
}

// redact leaves of a private object what its table keeps: enough to count it, no text and nobody.
func (p *privacy) redact(a *fastjson.Arena, t *Table, v *fastjson.Value) {
	kept := map[string]bool{}
	for _, k := range t.Kept {
		kept[k] = true
	}
	var drop []string
	v.GetObject().Visit(func(key []byte, _ *fastjson.Value) {
		if !kept[string(key)] {
			drop = append(drop, string(key))
		}
	})
	for _, key := range drop {
		v.Del(key)
	}
	for key, text := range t.Placeholder {
		v.Set(key, a.NewString(text))
	}
	for _, entry := range v.GetArray("custom_field_entries") {
		for _, value := range entry.GetArray("values") {
			value.Del("value_text")
			value.Del("value_link")
		}
	}
	if resource := v.Get("resource"); resource != nil {
		resource.Del("title")
	}
	p.apply(a, v, "drop")
}
