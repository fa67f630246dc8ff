package redash

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// query makes one as it should be, with its visualizations, and runs it if there is nothing to see yet.
func (p *provisioner) query(ctx context.Context, want Query, listed *remoteQuery) error {
	fields := body{
		"name": want.Name, "description": want.Description, "query": want.SQL, "data_source_id": p.source, "schedule": nil, "tags": tagsWith(nil, want.Key),
	}
	if want.Refresh > 0 {
		fields["schedule"] = Schedule{Interval: want.Refresh}
	}
	parameters, err := p.parameters(want)
	if err != nil {
		return err
	}
	fields["options"] = map[string]any{"parameters": parameters}
	have := &remoteQuery{}
	fresh := false
	if listed == nil {
		p.report.did(Create, "query", want.Key, want.Name)
		fresh = true
		if !p.dry {
			fields["tags"] = append(tagsWith(nil, want.Key), pendingTag)
			if err := p.c.post(ctx, "/api/queries", fields, have); err != nil {
				return err
			}
			have.Tags = append(tagsWith(nil, want.Key), pendingTag)
			if err := p.c.post(ctx, fmt.Sprintf("/api/queries/%d", have.ID), body{"is_draft": false, "version": have.Version}, nil); err != nil {
				return err
			}
		}
	} else {
		said := false
		err := again(func() error {
			if have, err = p.c.query(ctx, listed.ID); err != nil {
				return err
			}
			changes, differ := diffQuery(have, want, fields)
			if !said {
				p.say("query", want.Key, want.Name, differ)
				said = true
			}
			fresh = slices.Contains(differ, "SQL") || slices.Contains(differ, "parameters") || slices.Contains(differ, "data source")
			if len(differ) == 0 || p.dry {
				return nil
			}
			changes["version"] = have.Version
			if fresh {
				changes["tags"] = append(tagsWith(have.Tags, want.Key), pendingTag)
			}
			if err := p.c.post(ctx, fmt.Sprintf("/api/queries/%d", have.ID), changes, nil); err != nil {
				return err
			}
			if fresh {
				have.Tags = append(tagsWith(have.Tags, want.Key), pendingTag)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	p.queries[want.Key] = have.ID
	if err := p.visualizations(ctx, want, have); err != nil {
		return err
	}
	pending := slices.Contains(have.Tags, pendingTag)
	if !fresh && !pending {
		return nil
	}
	if ran, err := p.run(ctx, want, have.ID); err != nil || !ran || !pending {
		return err
	}
	tags := slices.DeleteFunc(tagsWith(have.Tags, want.Key), func(t string) bool { return t == pendingTag })
	return p.c.post(ctx, fmt.Sprintf("/api/queries/%d", have.ID), body{"tags": tags}, nil)
}

// pendingTag is on a query that is new, or whose text has changed, and has not been run since: there is nothing to see, or what is of
// the text before. A run that ends in between leaves it to the next one. What the server says of a query's latest result tells less:
// 10.1 takes no run of a query with parameters for one.
const pendingTag = "fourfold:pending"

// say reports that an object is as it should be, or differs.
func (p *provisioner) say(kind, key, name string, differ []string) {
	if len(differ) == 0 {
		p.report.did(Skip, kind, key, name)
		return
	}
	p.report.did(Update, kind, key, name, differ...)
}

// parameters are those of a query as the server keeps them.
func (p *provisioner) parameters(want Query) ([]any, error) {
	out := []any{}
	for _, x := range want.Parameters {
		o := map[string]any{"name": x.Name, "title": x.Title, "value": x.Value, "global": false, "locals": []any{}}
		if x.Choices != "" {
			id, found := p.queries[x.Choices]
			if !found {
				return nil, fmt.Errorf("redash: its parameter %s is chosen from %s, which is not there", x.Name, x.Choices)
			}
			o["type"], o["queryId"] = "query", id
		} else {
			o["type"], o["enumOptions"] = "enum", strings.Join(x.Values, "\n")
		}
		out = append(out, o)
	}
	return out, nil
}

// diffQuery gives the fields that differ, and what they are called. Each write makes a query look changed, so none is made
// without need.
func diffQuery(have *remoteQuery, want Query, fields body) (changes body, differ []string) {
	changes = body{}
	note := func(word, field string, value any) {
		changes[field] = value
		differ = append(differ, word)
	}
	if have.Name != want.Name {
		note("name", "name", want.Name)
	}
	if have.Description != want.Description {
		note("description", "description", want.Description)
	}
	if have.SQL != want.SQL {
		note("SQL", "query", want.SQL)
	}
	if have.DataSource != fields["data_source_id"] {
		note("data source", "data_source_id", fields["data_source_id"])
	}
	options := plain(fields["options"].(map[string]any))
	had, _ := have.Options["parameters"].([]any)
	if had == nil {
		had = []any{}
	}
	if !within(options["parameters"], any(had)) {
		kept := map[string]any{}
		for k, v := range have.Options {
			kept[k] = v
		}
		kept["parameters"] = options["parameters"]
		note("parameters", "options", kept)
	}
	if !sameSchedule(have.Schedule, want.Refresh) {
		note("schedule", "schedule", fields["schedule"])
	}
	if tags := tagsWith(have.Tags, want.Key); !sameTags(have.Tags, tags) {
		note("tags", "tags", tags)
	}
	if have.Draft {
		note("published", "is_draft", false)
	}
	return changes, differ
}

// sameTags says whether there are the same tags, in whatever order.
func sameTags(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// sameSchedule says whether a query is run as often as it should be. One that lacks a key has been turned off.
func sameSchedule(have map[string]any, refresh int) bool {
	if refresh == 0 || have == nil {
		return refresh == 0 && have == nil
	}
	want := map[string]any{"interval": float64(refresh), "time": nil, "until": nil, "day_of_week": nil}
	return within(want, have) && have["disabled"] != true
}

// run runs a query, so that pages have something to show and choices something to choose. That it failed is reported, and ends
// nothing: the others may do.
func (p *provisioner) run(ctx context.Context, want Query, id int) (ran bool, err error) {
	p.report.did(Run, "query", want.Key, want.Name)
	if p.dry {
		return false, nil
	}
	values := map[string]any{}
	for _, x := range want.Parameters {
		values[x.Name] = x.Value
	}
	err = p.c.run(ctx, id, values, p.wait)
	var failed *QueryError
	if errors.As(err, &failed) || status(err) == 400 {
		hint := ""
		if strings.Contains(err.Error(), "already attached") {
			hint = ": its queries open redash.duckdb_copy themselves: give the data source the path :memory:"
		}
		p.report.Failed = append(p.report.Failed, fmt.Sprintf("%s (%s): %v%s", want.Name, want.Key, err, hint))
		return false, nil
	}
	return err == nil, err
}

// visualizations makes those of a query as they should be. The table that each query comes with is used; what people added stays.
func (p *provisioner) visualizations(ctx context.Context, want Query, have *remoteQuery) error {
	byKey := map[string]*remoteVisual{}
	var plainTable *remoteVisual
	var strays []*remoteVisual
	slices.SortFunc(have.Visualizations, func(a, b *remoteVisual) int { return a.ID - b.ID })
	for _, v := range have.Visualizations {
		key, isOurs := v.Options[keyOption].(string)
		switch {
		case isOurs && byKey[key] == nil && slices.ContainsFunc(want.Visualizations, func(w Visualization) bool { return w.Key == key }):
			byKey[key] = v
		case isOurs:
			strays = append(strays, v)
		case v.Type == "TABLE" && plainTable == nil && len(v.Options) == 0:
			plainTable = v
		}
	}
	for _, w := range want.Visualizations {
		v := byKey[w.Key]
		switch {
		case v != nil:
			if err := p.visualization(ctx, w, v); err != nil {
				return err
			}
		default:
			p.report.did(Create, "visualization", w.Key, w.Name)
			fields, path := body{"type": w.Type, "name": w.Name, "description": "", "options": p.marked(w.Key, w.Options)}, "/api/visualizations"
			v = &remoteVisual{}
			if w.Type == "TABLE" && plainTable != nil {
				path += fmt.Sprintf("/%d", plainTable.ID)
				plainTable = nil
			} else {
				fields["query_id"] = have.ID
			}
			if !p.dry {
				if err := p.c.post(ctx, path, fields, v); err != nil {
					return err
				}
			}
		}
		p.visuals[[2]string{want.Key, w.Key}] = v.ID
	}
	for _, v := range strays {
		if err := p.drop(ctx, "visualization", fmt.Sprint(v.Options[keyOption]), v.Name, fmt.Sprintf("/api/visualizations/%d", v.ID)); err != nil {
			return err
		}
	}
	return nil
}

func (p *provisioner) visualization(ctx context.Context, want Visualization, have *remoteVisual) error {
	changes, differ := body{}, []string(nil)
	if have.Type != want.Type {
		changes["type"], differ = want.Type, append(differ, "type")
	}
	if have.Name != want.Name {
		changes["name"], differ = want.Name, append(differ, "name")
	}
	if options := p.marked(want.Key, want.Options); !within(options, have.Options) {
		changes["options"], differ = options, append(differ, "options")
	}
	p.say("visualization", want.Key, want.Name, differ)
	if len(differ) == 0 || p.dry {
		return nil
	}
	return p.c.post(ctx, fmt.Sprintf("/api/visualizations/%d", have.ID), changes, nil)
}
