package redash

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// beginning is how a dashboard is called until it is finished: the call that makes one keeps nothing but its name, and a run that
// ends before the tags are there has to be found by something that is ours alone.
func beginning(key string) string { return keyTag + key }

// begun finds the dashboards that an earlier run began and did not finish: this user's drafts without a tag, by the name that
// only the beginning has.
func (p *provisioner) begun(ctx context.Context) (map[string]*remoteDashboard, error) {
	all, err := list[*remoteDashboard](ctx, p.c, "/api/dashboards", url.Values{"q": {keyTag}})
	if err != nil {
		return nil, err
	}
	out := map[string]*remoteDashboard{}
	slices.SortFunc(all, func(a, b *remoteDashboard) int { return a.ID - b.ID })
	for _, d := range all {
		key, isBeginning := strings.CutPrefix(d.Name, keyTag)
		if !isBeginning || d.id() != p.me || !d.Draft || len(d.Tags) > 0 {
			continue
		}
		if out[key] != nil {
			key = fmt.Sprintf("%s (%d)", key, d.ID) // of two, which a lost answer leaves, this one goes
		}
		out[key] = d
	}
	return out, nil
}

// begin makes a dashboard if there is none, as a draft with nothing on it: tables and texts link to dashboards, so that their ids
// have to be known first.
func (p *provisioner) begin(ctx context.Context, want Dashboard, listed *remoteDashboard) error {
	have := &remoteDashboard{}
	switch {
	case listed != nil:
		have = listed
	default:
		p.report.did(Create, "dashboard", want.Key, want.Name)
		if p.dry {
			return nil
		}
		if err := p.c.post(ctx, "/api/dashboards", body{"name": beginning(want.Key)}, have); err != nil {
			return err
		}
	}
	p.report.Dashboards[want.Key] = have.ID
	return nil
}

// dashboard makes one that is there as it should be: first its widgets, and at last its name, its tags and that it is no draft.
func (p *provisioner) dashboard(ctx context.Context, want Dashboard, isNew bool) error {
	have := &remoteDashboard{}
	var err error
	if id := p.report.Dashboards[want.Key]; id != 0 {
		if have, err = p.c.dashboard(ctx, id); err != nil {
			return err
		}
	}
	if err := p.widgets(ctx, want, have); err != nil {
		return err
	}
	said := isNew
	first := true
	return again(func() error {
		if !first {
			if have, err = p.c.dashboard(ctx, have.ID); err != nil {
				return err
			}
		}
		first = false
		changes, differ := diffDashboard(have, want)
		if !said {
			p.say("dashboard", want.Key, want.Name, differ)
			said = true
		}
		if len(differ) == 0 || p.dry {
			return nil
		}
		changes["version"] = have.Version
		return p.c.post(ctx, fmt.Sprintf("/api/dashboards/%d", have.ID), changes, nil)
	})
}

func diffDashboard(have *remoteDashboard, want Dashboard) (changes body, differ []string) {
	changes = body{}
	note := func(word, field string, value any) {
		changes[field] = value
		differ = append(differ, word)
	}
	if have.Name != want.Name {
		note("name", "name", want.Name)
	}
	order := want.Parameters
	if order == nil {
		order = []string{}
	}
	options := plain(map[string]any{"globalParamOrder": order})
	had := have.Options
	if had == nil {
		had = map[string]any{}
	}
	if !within(options, had) {
		kept := map[string]any{}
		for k, v := range had {
			kept[k] = v
		}
		kept["globalParamOrder"] = options["globalParamOrder"]
		note("order of filters", "options", kept)
	}
	if tags := tagsWith(have.Tags, want.Key); !sameTags(have.Tags, tags) {
		note("tags", "tags", tags)
	}
	if have.Draft {
		note("published", "is_draft", false)
	}
	return changes, differ
}

// widgets makes those of a dashboard as they should be. Which visualization one shows cannot be changed, so it is made anew then;
// what people added stays.
func (p *provisioner) widgets(ctx context.Context, want Dashboard, have *remoteDashboard) error {
	byKey := map[string]*remoteWidget{}
	var strays []*remoteWidget
	slices.SortFunc(have.Widgets, func(a, b *remoteWidget) int { return a.ID - b.ID })
	for _, w := range have.Widgets {
		key, isOurs := w.Options[keyOption].(string)
		i := slices.IndexFunc(want.Widgets, func(x Widget) bool { return x.Key == key })
		switch {
		case !isOurs:
		case i < 0 || byKey[key] != nil || p.shown(want.Widgets[i]) != w.visualization():
			strays = append(strays, w)
		default:
			byKey[key] = w
		}
	}
	for _, w := range want.Widgets {
		name := fmt.Sprintf("%s on %s", w.Key, want.Name)
		options, text := p.marked(w.Key, w.Options), p.text(w.Text)
		found := byKey[w.Key]
		if found == nil {
			p.report.did(Create, "widget", want.Key+" "+w.Key, name)
			if p.dry {
				continue
			}
			fields := body{"dashboard_id": have.ID, "visualization_id": nil, "text": text, "width": 1, "options": options}
			if id := p.shown(w); id != 0 {
				fields["visualization_id"] = id
			}
			if err := p.c.post(ctx, "/api/widgets", fields, nil); err != nil {
				return err
			}
			continue
		}
		var differ []string
		if found.Text != text {
			differ = append(differ, "text")
		}
		if !within(options, found.Options) {
			differ = append(differ, "options")
		}
		p.say("widget", want.Key+" "+w.Key, name, differ)
		if len(differ) == 0 || p.dry {
			continue
		}
		if err := p.c.post(ctx, fmt.Sprintf("/api/widgets/%d", found.ID), body{"text": text, "options": options}, nil); err != nil {
			return err
		}
	}
	for _, w := range strays {
		key := fmt.Sprint(w.Options[keyOption])
		if err := p.drop(ctx, "widget", want.Key+" "+key, fmt.Sprintf("%s on %s", key, want.Name), fmt.Sprintf("/api/widgets/%d", w.ID)); err != nil {
			return err
		}
	}
	return nil
}

// shown is the visualization of a widget on the server, 0 for a text.
func (p *provisioner) shown(w Widget) int {
	if w.Visualization == "" {
		return 0
	}
	return p.visuals[[2]string{w.Query, w.Visualization}]
}

func (w *remoteWidget) visualization() int {
	if w.Visualization == nil {
		return 0
	}
	return w.Visualization.ID
}
