package incidentio

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"net/url"

	"fourfold/extract"
	"fourfold/transform"
)

// Definitions are short lists that the API answers whole, so every run reads them whole: nothing can be missed, and what
// is not there any more has gone. They keep no cursor.

// definition is the stream of a list without pages.
func (s *Source) definition(name, path string, table *transform.Table) extract.Stream {
	l := list{stream: name, path: path, key: name}
	return extract.Stream{Name: name, Table: table, Read: func(ctx context.Context, _ extract.Input) iter.Seq2[extract.Page, error] {
		return s.everything(ctx, l)
	}}
}

// readUsers reads all users, the deactivated ones too: they still lead old incidents.
func (s *Source) readUsers(ctx context.Context, _ extract.Input) iter.Seq2[extract.Page, error] {
	return s.everything(ctx, list{
		stream: "users", path: "/v2/users", key: "users", size: 1000,
		query: url.Values{"include_inactive": {"true"}},
	})
}

// everything reads a whole list and sweeps.
func (s *Source) everything(ctx context.Context, l list) iter.Seq2[extract.Page, error] {
	return func(yield func(extract.Page, error) bool) {
		first := true
		for p, err := range s.pages(ctx, l, "") {
			if err != nil {
				yield(extract.Page{}, err)
				return
			}
			out := extract.Page{Records: p.all(), Begin: first, Marks: true}
			if p.after == "" {
				out.Sweep = &extract.Sweep{}
			}
			if first = false; !yield(out, nil) {
				return
			}
		}
	}
}

// readOptions reads the options of every select field that keeps its own: fields backed by the catalogue have none. The
// fields are asked for again rather than looked up, so that the stream is right by itself. A field that is deleted
// meanwhile has no options any more.
func (s *Source) readOptions(ctx context.Context, _ extract.Input) iter.Seq2[extract.Page, error] {
	return func(yield func(extract.Page, error) bool) {
		const stream = "custom_field_options"
		var fields []string
		for p, err := range s.pages(ctx, list{stream: stream, path: "/v2/custom_fields", key: "custom_fields"}, "") {
			if err != nil {
				yield(extract.Page{}, err)
				return
			}
			for _, item := range p.list.Items {
				f := extract.Texts(item, "id", "field_type", "catalog_type_id")
				if (f[1] == "single_select" || f[1] == "multi_select") && f[2] == "" {
					fields = append(fields, f[0])
				}
			}
		}
		if !yield(extract.Page{Begin: true, Marks: true}, nil) {
			return
		}
		for _, id := range fields {
			l := list{stream: stream, path: "/v1/custom_field_options", key: stream, size: s.size, query: url.Values{"custom_field_id": {id}}}
			for p, err := range s.pages(ctx, l, "") {
				if gone(err) {
					break
				}
				if err != nil {
					yield(extract.Page{}, err)
					return
				}
				if !yield(extract.Page{Records: p.all(), Marks: true}, nil) {
					return
				}
			}
		}
		yield(extract.Page{Marks: true, Sweep: &extract.Sweep{}}, nil)
	}
}

// gone reports whether what was asked about does not exist (any more), or not for this key.
func gone(err error) bool {
	var e *extract.HTTPError
	return errors.As(err, &e) && e.Status == http.StatusNotFound
}
