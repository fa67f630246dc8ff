package incidentio

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"strconv"

	"fourfold/extract"
)

// pageSize is the largest page of incidents, updates, follow-ups and options: more is cut to it in silence.
const pageSize = 250

// list is a list of the API and the filter to read it with.
type list struct {
	stream, path, key string
	query             url.Values
	size              int  // rows a page; 0 for a list that answers whole
	stops             bool // it may not be read to its end: no page is asked for before the one before it was looked at
}

// page is one page of a list. Its memory is used again for a later page.
type page struct {
	buf     []byte
	list    extract.List
	records []extract.Record
	after   string // cursor of the next page; "" at the end
}

// pages reads a list from a cursor on. While a page is looked at, the next one is on its way, unless the list stops: its cursor is known. The
// page that is yielded is valid until the next one is asked for.
func (s *Source) pages(ctx context.Context, l list, after string) iter.Seq2[*page, error] {
	type answer struct {
		page *page
		err  error
	}
	return func(yield func(*page, error) bool) {
		inner, cancel := context.WithCancel(ctx)
		answers := make(chan answer)
		free := make(chan *page, 2)
		free <- &page{}
		if !l.stops {
			free <- &page{}
		}
		go func() {
			defer close(answers)
			seen := map[string]bool{}
			for {
				var a answer
				select {
				case a.page = <-free:
				case <-inner.Done():
					return
				}
				a.err = s.fetch(inner, l, after, seen, a.page)
				select {
				case answers <- a:
				case <-inner.Done():
					return
				}
				if after = a.page.after; a.err != nil || after == "" {
					return
				}
			}
		}()
		defer func() { // the goroutine has ended when the iterator has
			cancel()
			for range answers {
			}
		}()
		for a := range answers {
			last := a.err != nil || a.page.after == ""
			if !yield(a.page, a.err) || last {
				return
			}
			free <- a.page
		}
		yield(nil, ctx.Err()) // answers end before the last page only when the context has ended
	}
}

// fetch reads one page. seen holds the cursors that were used: an answer that names one of them again would be read for
// ever, so it is asked for again and then fails.
func (s *Source) fetch(ctx context.Context, l list, after string, seen map[string]bool, p *page) error {
	query := maps.Clone(l.query)
	if query == nil {
		query = url.Values{}
	}
	if l.size > 0 {
		query.Set("page_size", strconv.Itoa(l.size))
	}
	if after != "" {
		query.Set("after", after)
		seen[after] = true
	}
	check := func(body []byte) error {
		if err := p.list.Parse(body, l.key, "pagination_meta"); err != nil {
			return err
		}
		p.after = ""
		if l.size == 0 {
			return nil
		}
		p.after = next(p, l.size)
		if seen[p.after] {
			return fmt.Errorf("the cursor %q of the next page was used before: the list does not advance", p.after)
		}
		return nil
	}
	resp, err := s.client.Get(ctx, extract.Request{Stream: l.stream, Path: l.path, Query: query, Check: check}, p.buf)
	if err != nil {
		return err
	}
	p.buf = resp.Body
	p.records = p.records[:0]
	return nil
}

// next is the cursor of the page after p. The end is a page without one. pagination_meta as a whole is optional: a page
// without it that is full may have been cut off from its successors, so it is followed by the id of its last object,
// which is what cursors of this API are. If there is nothing more, that costs one empty page.
func next(p *page, size int) string {
	if p.list.Meta != nil {
		return extract.Texts(p.list.Meta, "after")[0]
	}
	if n := len(p.list.Items); n >= size {
		return extract.Texts(p.list.Items[n-1], "id")[0]
	}
	return ""
}

// refused reports whether the API did not take a cursor that an earlier run had kept.
func refused(err error) bool {
	var e *extract.HTTPError
	return errors.As(err, &e) && (e.Status == http.StatusBadRequest || e.Status == http.StatusNotFound ||
		e.Status == http.StatusGone || e.Status == http.StatusUnprocessableEntity)
}

// all makes records of all objects of a page.
func (p *page) all() []extract.Record {
	for _, item := range p.list.Items {
		p.records = append(p.records, extract.Record{JSON: item})
	}
	return p.records
}
