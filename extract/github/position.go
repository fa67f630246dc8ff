package github

import (
	"encoding/json"
	"time"

	"fourfold/extract"
)

// position is the cursor of a stream that is read by repository. It is written with the rows of a page or not at all, so
// that a run that is killed anywhere goes on from what has landed.
type position[P any] struct {
	Version int `json:"v"`
	// Policy is what rows were made under. Under another one everything must be read again.
	Policy string `json:"policy"`
	// Whole says that a read of everything is under way: every repository's place was begun since, what is yielded counts
	// as seen, and when no place is under way any more the stream is swept. It is there from the first run on, so that a
	// first read is a whole one, and gone after the sweep.
	Whole bool `json:"whole,omitempty"`
	// Begun says that the first page of that read has landed.
	Begun bool `json:"begun,omitempty"`
	// Turn is the object that the rounds of refreshing came to last.
	Turn string `json:"turn,omitempty"`
	// Repositories are the places by repository id.
	Repositories map[string]*P `json:"repositories"`
}

const positionVersion = 1

// decodePosition decodes the cursor of a run. A run that is to be full begins anew, and so does one whose cursor was
// written under another policy or by a version of this program that meant something else by it.
func decodePosition[P any](s *Source, stream string, in extract.Input, policy string) *position[P] {
	fresh := &position[P]{Version: positionVersion, Policy: policy, Whole: true, Repositories: map[string]*P{}}
	if in.Full || len(in.Cursor) == 0 {
		return fresh
	}
	var p position[P]
	if err := json.Unmarshal(in.Cursor, &p); err != nil || p.Version != fresh.Version {
		s.log.Warn("the cursor cannot be read; reading everything again", "source", s.Name(), "stream", stream, "cursor", string(in.Cursor))
		return fresh
	}
	if p.Policy != fresh.Policy {
		s.log.Info("what rows are made under has changed; reading everything again", "source", s.Name(), "stream", stream, "from", p.Policy, "to", fresh.Policy)
		return fresh
	}
	if p.Repositories == nil {
		p.Repositories = map[string]*P{}
	}
	for id, place := range p.Repositories {
		if place == nil {
			delete(p.Repositories, id)
		}
	}
	return &p
}

func (p *position[P]) encode() json.RawMessage { return asJSON(p) }

// page puts the position into a page that is to land. What it says of a read of everything goes with it.
func (p *position[P]) page(records []extract.Record) extract.Page {
	out := extract.Page{Records: records, Begin: p.Whole && !p.Begun, Marks: p.Whole}
	p.Begun = p.Begun || p.Whole
	out.Cursor = p.encode()
	return out
}

// covers reports whether what was read from one instant on holds what is asked for from another on; zero is everything.
func covers(read, wanted time.Time) bool { return !wanted.Before(read) }
