package incidentio

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
)

// LookStream is what the requests of a look are counted under.
const LookStream = "look"

// Look reads a whole list, or the first most objects of it, for somebody who wants to see what there is and has
// configured nothing yet. A list without pages is read by paged: false.
func (s *Source) Look(ctx context.Context, path, key string, query url.Values, paged bool, most int) ([]json.RawMessage, error) {
	l := list{stream: LookStream, path: path, key: key, query: query}
	if paged {
		l.size = s.size
	}
	var out []json.RawMessage
	for p, err := range s.pages(ctx, l, "") {
		if err != nil {
			return nil, fmt.Errorf("incidentio: look at %s: %w", key, err)
		}
		for _, item := range p.list.Items {
			if len(out) == most {
				return out, nil
			}
			out = append(out, bytes.Clone(item))
		}
	}
	return out, nil
}
