package github

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"fourfold/extract"
)

// ofOwner lists what the token sees of an owner: an organisation's repositories, else a user's; for an app, those of the
// owner that it is installed on, or where the server has no such list, what its token sees.
func (s *Source) ofOwner(ctx context.Context, stream, owner string, owned map[string][]json.RawMessage) ([]json.RawMessage, error) {
	if s.app != nil {
		const installed = "" // nobody's name
		all, known := owned[installed]
		var err error
		if !known {
			all, err = s.listed(ctx, stream, "installation/repositories", nil)
		}
		if err == nil {
			owned[installed] = all
			return slices.DeleteFunc(slices.Clone(all), func(text json.RawMessage) bool { return !strings.EqualFold(ownerOf(text), owner) }), nil
		}
		if !isStatus(err, http.StatusNotFound) {
			return nil, err
		}
	}
	list, err := s.listed(ctx, stream, "orgs/"+url.PathEscape(owner)+"/repos", url.Values{"type": {"all"}})
	if !isStatus(err, http.StatusNotFound) {
		return list, err
	}
	if list, err = s.listed(ctx, stream, "users/"+url.PathEscape(owner)+"/repos", url.Values{"type": {"owner"}}); err != nil {
		return nil, err
	}
	// That list is of public ones. The private ones are listed for their owner and those who work with him.
	private, err := s.listed(ctx, stream, "user/repos", url.Values{"visibility": {"private"}, "affiliation": {"owner,collaborator"}})
	switch {
	case isStatus(err, http.StatusNotFound), isStatus(err, http.StatusForbidden): // the token is nobody's
		return list, nil
	case err != nil:
		return nil, err
	}
	known := map[string]bool{}
	for _, text := range list {
		known[nameOf(text)] = true
	}
	for _, text := range private {
		if strings.EqualFold(ownerOf(text), owner) && !known[nameOf(text)] {
			list = append(list, text)
		}
	}
	return list, nil
}

// listed reads all pages of a list of repositories.
func (s *Source) listed(ctx context.Context, stream, path string, query url.Values) ([]json.RawMessage, error) {
	var out []json.RawMessage
	if query == nil {
		query = url.Values{}
	}
	query.Set("per_page", strconv.Itoa(s.page))
	for page := 1; page > 0; {
		query.Set("page", strconv.Itoa(page))
		var text json.RawMessage
		next, err := s.api.get(ctx, stream, path, query, &text)
		if err != nil {
			return nil, err
		}
		var list []json.RawMessage
		if json.Unmarshal(text, &list) != nil {
			var wrapped struct{ Repositories []json.RawMessage }
			if err := decode(path, text, &wrapped); err != nil {
				return nil, err
			}
			list = wrapped.Repositories
		}
		out = append(out, list...)
		page = next
	}
	return out, nil
}

func nameOf(text json.RawMessage) string {
	var r struct {
		FullName string `json:"full_name"`
	}
	_ = json.Unmarshal(text, &r) // what cannot be read has no name
	return r.FullName
}

func ownerOf(text json.RawMessage) string {
	owner, _, _ := strings.Cut(nameOf(text), "/")
	return owner
}

func isStatus(err error, status int) bool {
	var e *extract.HTTPError
	return errors.As(err, &e) && e.Status == status
}
