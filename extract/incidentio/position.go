package incidentio

import (
	"context"
	"encoding/json"
	"time"

	"fourfold/extract"
)

// position is the cursor of the streams that keep one. It is written with the rows of a page or not at all, so that a
// run that is killed anywhere goes on from what has landed.
type position struct {
	Version int `json:"v"`
	// Policy is the privacy policy that the rows were made under. Under another one everything must be read again.
	Policy string `json:"policy"`
	// Since is where the incidents that were read begin; zero for all.
	Since time.Time `json:"since,omitzero"`
	// Done is the watermark: everything that happened before it has been read. It is the clock of a run, taken before
	// the run's first request, and never a time found in data.
	Done time.Time `json:"done,omitzero"`
	// Whole is the Done of the last read of everything.
	Whole time.Time `json:"whole,omitzero"`
	// Load is a read of everything that is under way.
	Load *load `json:"load,omitempty"`
	// Pass is a read per incident that is under way.
	Pass *pass `json:"pass,omitempty"`
	// Total is how many objects the last read of everything met: what another one would cost.
	Total int64 `json:"total,omitempty"`
}

// load is how far a read of everything has come. Started, the clock of the run that began it, is fixed.
type load struct {
	Started time.Time `json:"started"`
	List    int       `json:"list,omitempty"`
	After   string    `json:"after,omitempty"`
	Seen    int64     `json:"seen,omitempty"`
}

// pass is how far a read per incident has come, in the order of ids. At is the clock of the run that began it.
type pass struct {
	At  time.Time `json:"at"`
	ID  string    `json:"id,omitempty"`
	All bool      `json:"all,omitempty"` // of all incidents: ends with a sweep
}

const positionVersion = 1

// position decodes the cursor of a run. A run that is to be full begins anew, and so does one whose cursor was written
// under another privacy policy or by a version of this program that meant something else by it.
func (s *Source) position(in extract.Input) *position {
	fresh := &position{Version: positionVersion, Policy: s.opts.PrivateIncidents + "/" + s.opts.People}
	if in.Full || len(in.Cursor) == 0 {
		return fresh
	}
	var p position
	if err := json.Unmarshal(in.Cursor, &p); err != nil || p.Version != fresh.Version {
		s.log.Warn("the cursor cannot be read; reading everything again", "source", s.Name(), "cursor", string(in.Cursor))
		return fresh
	}
	if p.Policy != fresh.Policy {
		s.log.Info("the privacy policy has changed; reading everything again", "source", s.Name(), "from", p.Policy, "to", fresh.Policy)
		return fresh
	}
	return &p
}

func (p *position) encode() json.RawMessage {
	b, _ := json.Marshal(p) // times, strings and numbers only
	return b
}

// wholeDue reports whether everything is to be read: nothing was yet, a read of everything has begun, or the last one is
// long ago.
func (p *position) wholeDue(now time.Time, every time.Duration) bool {
	return p.Done.IsZero() || p.Load != nil || now.Sub(p.Whole) >= every
}

// whole is a read of everything: some lists one after the other, and the scope of the sweep at their end.
type whole struct {
	lists   []list
	sweep   extract.Sweep
	records func(context.Context, *page) ([]extract.Record, error)
}

// readWhole reads lists to their ends, goes on where an earlier run was stopped, and sweeps. When it returns true,
// everything that happened before Done = Load.Started has been read: each object was answered after that instant.
//
// If the API does not take the cursor that was kept, the lists are read anew.
func (s *Source) readWhole(ctx context.Context, in extract.Input, cur *position, w whole, yield func(extract.Page, error) bool) bool {
	if cur.Load == nil || cur.Load.List >= len(w.lists) {
		cur.Load = &load{Started: in.RunAt}
	}
	resumed := cur.Load.After != ""
	begin := cur.Load.List == 0 && !resumed
	for cur.Load != nil {
		l, from := w.lists[cur.Load.List], cur.Load.After
		for p, err := range s.pages(ctx, l, from) {
			if err != nil && resumed && from == cur.Load.After && refused(err) {
				s.log.Warn("incident.io does not know the kept position any more; reading the list anew", "stream", l.stream, "error", err)
				cur.Load = &load{Started: in.RunAt}
				resumed, begin = false, true
				break
			}
			out := extract.Page{Begin: begin, Marks: true}
			if err == nil {
				out.Records, err = w.records(ctx, p)
			}
			if err != nil {
				yield(extract.Page{}, err)
				return false
			}
			resumed, begin = false, false
			cur.Load.Seen += int64(len(p.list.Items))
			if cur.Load.After = p.after; p.after == "" {
				cur.Load.List++
			}
			if cur.Load.List == len(w.lists) {
				cur.Done, cur.Whole, cur.Total = cur.Load.Started, cur.Load.Started, cur.Load.Seen
				cur.Load, cur.Pass = nil, nil
				out.Sweep = &w.sweep
			}
			out.Cursor = cur.encode()
			if !yield(out, nil) {
				return false
			}
		}
	}
	return true
}
