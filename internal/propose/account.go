package propose

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"fourfold/extract"
	"fourfold/extract/incidentio"
)

// How much of an account is looked at.
const (
	mostFields  = 8   // select fields whose options are read
	mostValues  = 200 // options or entries of one field
	mostCatalog = 3   // catalog types whose entries are read
)

// account is what a key shows of incident.io.
type account struct {
	identity   incidentio.Identity
	severities []string // the least severe first
	timestamps []string // in their order
	fields     []field
	unread     []error // lists that the key may not read
	requests   int64
}

// field is a custom field, and its values as far as they were read.
type field struct {
	Name, Type string
	catalog    *catalogType // that gives its values
	values     []value
}

// value is an option or a catalog entry.
type value struct {
	text  string
	also  []string // aliases and the external id of an entry
	team  string   // that an attribute of the entry names
	which string   // the attribute
}

// catalogType is a type of the catalog.
type catalogType struct {
	ID, Name   string
	Categories []string
	Schema     struct {
		Attributes []struct{ ID, Name, Type string }
	}
}

func (f *field) isSelect() bool { return f.Type == "single_select" || f.Type == "multi_select" }

// suits says how much a field looks like one that names services, by its name and its catalog type.
func (f *field) suits() int {
	score := 0
	if serviceWords.MatchString(f.Name) {
		score += 2
	}
	if f.catalog != nil && (slices.Contains(f.catalog.Categories, "service") || serviceWords.MatchString(f.catalog.Name)) {
		score++
	}
	return score
}

// reading reads lists until one fails for another reason than a scope that the key lacks.
type reading struct {
	ctx     context.Context
	src     *incidentio.Source
	account *account
	err     error
}

// list reads a list and decodes its objects into out, a pointer to a slice.
func (r *reading) list(path, key string, query url.Values, most int, out any) {
	if r.err != nil {
		return
	}
	items, err := r.src.Look(r.ctx, path, key, query, query != nil, most)
	switch {
	case errors.Is(err, extract.ErrForbidden):
		r.account.unread = append(r.account.unread, err)
		return
	case err != nil:
		r.err = err
		return
	}
	text, err := json.Marshal(items)
	if err == nil {
		err = json.Unmarshal(text, out)
	}
	if err != nil {
		r.err = fmt.Errorf("incidentio: look at %s: the answer is not what was asked for: %w", key, err)
	}
}

func readAccount(ctx context.Context, src *incidentio.Source) (*account, error) {
	identity, err := src.Check(ctx)
	if err != nil {
		return nil, err
	}
	a := &account{identity: identity}
	r := &reading{ctx: ctx, src: src, account: a}
	a.severities = r.ranked("/v1/severities", "severities")
	a.timestamps = r.ranked("/v2/incident_timestamps", "incident_timestamps")
	r.fields()
	if r.err != nil {
		return nil, r.err
	}
	a.requests = src.Counts("identity").Requests + src.Counts(incidentio.LookStream).Requests
	return a, nil
}

// ranked reads names in the order of their ranks.
func (r *reading) ranked(path, key string) []string {
	var list []struct {
		Name string
		Rank int
	}
	r.list(path, key, nil, mostValues, &list)
	slices.SortStableFunc(list, func(a, b struct {
		Name string
		Rank int
	},
	) int {
		return cmp.Compare(a.Rank, b.Rank)
	})
	var out []string
	for _, x := range list {
		out = append(out, x.Name)
	}
	return out
}

// fields reads the custom fields, and the values of those that look most like the ones that name services.
func (r *reading) fields() {
	var list []struct {
		ID            string
		Name          string
		FieldType     string `json:"field_type"`
		CatalogTypeID string `json:"catalog_type_id"`
	}
	r.list("/v2/custom_fields", "custom_fields", nil, 1000, &list)
	var types []*catalogType
	for _, f := range list {
		if f.CatalogTypeID != "" {
			r.list("/v3/catalog_types", "catalog_types", nil, 1000, &types)
			break
		}
	}
	r.account.fields = make([]field, len(list))
	order := make([]int, len(list))
	for i, f := range list {
		order[i] = i
		r.account.fields[i] = field{Name: f.Name, Type: f.FieldType}
		for _, t := range types {
			if t.ID == f.CatalogTypeID && f.CatalogTypeID != "" {
				r.account.fields[i].catalog = t
			}
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return r.account.fields[b].suits() - r.account.fields[a].suits() })
	options, read := 0, map[string][]value{}
	for _, i := range order {
		f := &r.account.fields[i]
		switch {
		case !f.isSelect():
		case list[i].CatalogTypeID == "":
			if options++; options <= mostFields {
				f.values = r.options(list[i].ID)
			}
		case f.catalog != nil:
			if _, known := read[f.catalog.ID]; !known && len(read) < mostCatalog {
				read[f.catalog.ID] = r.entries(f.catalog)
			}
			f.values = read[f.catalog.ID]
		}
	}
}

func (r *reading) options(fieldID string) []value {
	var list []struct {
		Value   string
		SortKey int `json:"sort_key"`
	}
	r.list("/v1/custom_field_options", "custom_field_options", url.Values{"custom_field_id": {fieldID}}, mostValues, &list)
	var out []value
	for _, o := range list {
		out = append(out, value{text: o.Value})
	}
	return out
}

// entries reads what a catalog type holds. An attribute that names teams gives each entry its team.
func (r *reading) entries(t *catalogType) []value {
	type bound struct{ Label, Literal string }
	var list []struct {
		Name       string
		ExternalID string `json:"external_id"`
		Aliases    []string
		Archived   string `json:"archived_at"`
		Attributes map[string]struct {
			Value *bound
			Array []bound `json:"array_value"`
		} `json:"attribute_values"`
	}
	r.list("/v3/catalog_entries", "catalog_entries", url.Values{"catalog_type_id": {t.ID}}, mostValues, &list)
	var out []value
	for _, e := range list {
		if e.Archived != "" {
			continue
		}
		v := value{text: e.Name, also: slices.DeleteFunc(append(e.Aliases, e.ExternalID), func(s string) bool { return s == "" })}
		for _, a := range t.Schema.Attributes {
			if v.team != "" || !teamWords.MatchString(a.Name) {
				continue
			}
			is := e.Attributes[a.ID]
			if is.Value == nil && len(is.Array) > 0 {
				is.Value = &is.Array[0]
			}
			if is.Value != nil {
				v.team, v.which = strings.TrimSpace(cmp.Or(is.Value.Label, is.Value.Literal)), a.Name
			}
		}
		out = append(out, v)
	}
	return out
}

func (a *account) words() string {
	s := fmt.Sprintf("incident.io, asked %s: %s, %s, %s", times(a.requests), things(len(a.severities), "severity level"), things(len(a.timestamps), "timestamp"), things(len(a.fields), "custom field"))
	if len(a.unread) > 0 {
		s += fmt.Sprintf("; not readable with this key: %v", a.unread[0])
	}
	return s
}
