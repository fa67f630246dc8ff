package incidentio

import (
	"fmt"
	"sort"
	"strings"
	"time"
)

// prePaged makes n incidents out of a few templates, page by page: nothing is held, so that a benchmark measures its
// client. Incident i (from 0) was created at first + i*step, is standard and closed, and was updated three hours after.
type prePaged struct {
	n     int
	pad   int // bytes of summary
	seed  uint64
	first time.Time
	step  time.Duration

	incidents [][]piece // templates
	updates   [][]piece
}

const (
	prePagedUpdated = 3 * time.Hour
	prePagedFixed   = 2 * time.Hour
)

// fullSize is the least size of an incident that has every required field of the schema, two roles and three timestamps.
const fullSize = 2700

// PrePaged serves n generated incidents of about size bytes each. From 2,700 bytes on they are complete; below, down to
// 1,600, the definitions embedded in them are lean (id, name, rank, category and the like, no times and descriptions),
// since a complete incident of this shape is not that small. They were created at even distances over 2024 and 2025 and have two
// updates each, no follow-ups and no attachments. The same arguments give the same bytes. Limits are off. It pages, orders and filters by created_at, updated_at, mode and
// status category as the real list does, and refuses other filters of incidents. It keeps counts of requests and no log.
func PrePaged(n, size int, seed int64) *Server {
	o := prePagedOrganisation(size < fullSize)
	first := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	p := &prePaged{n: n, seed: uint64(seed), first: first, step: time.Duration(0)}
	if n > 0 {
		p.step = (2 * 365 * 24 * time.Hour / time.Duration(n)).Truncate(time.Millisecond)
	}
	p.prepare(o, size)
	s := NewServer(o, WithoutLimits())
	s.generated = p
	return s
}

func (p *prePaged) created(i int) time.Time { return p.first.Add(time.Duration(i) * p.step) }
func (p *prePaged) updated(i int) time.Time { return p.created(i).Add(prePagedUpdated) }
func (p *prePaged) id(i int) string         { return ID(p.created(i), uint64(i)) }
func (p *prePaged) updateID(k int) string   { return ID(p.created(k/2), uint64(k)) }

// index reads the number in an id back; false if no such incident (or update, with per = 2) is there.
func (p *prePaged) index(id string, per int) (int, bool) {
	if _, ok := idTime(id); !ok {
		return 0, false
	}
	k := 0
	for i := 10; i < 16; i++ {
		k = k<<5 | strings.IndexByte(crockford, id[i])
	}
	return k, k < p.n*per && ID(p.created(k/per), uint64(k)) == id
}

func appendStamp(b []byte, t time.Time) []byte {
	return t.AppendFormat(b, "2006-01-02T15:04:05.999999Z07:00")
}

func (p *prePaged) incident(b []byte, i int) []byte {
	x := mix(p.seed ^ uint64(i))
	id := p.id(i)
	for _, part := range p.incidents[x%uint64(len(p.incidents))] {
		b = append(b, part.text...)
		switch part.slot {
		case "id":
			b = append(b, id...)
		case "name":
			b = prose(b, x, 40)
		case "summary":
			b = prose(b, x+1, p.pad)
		case "reference":
			b = fmt.Appendf(b, "INC-%d", i+1)
		case "number":
			b = fmt.Appendf(b, "%d", i+1)
		case "channel":
			b = append(append(b, 'C'), id[16:]...)
		case "created":
			b = appendStamp(b, p.created(i))
		case "updated":
			b = appendStamp(b, p.updated(i))
		case "accepted":
			b = appendStamp(b, p.created(i).Add(time.Duration(x>>40&1023)*time.Second))
		case "fixed":
			b = appendStamp(b, p.created(i).Add(prePagedFixed-time.Duration(x>>20&4095)*time.Second))
		}
	}
	return b
}

func (p *prePaged) update(b []byte, k int) []byte {
	i := k / 2
	at := p.created(i).Add(5 * time.Minute)
	if k%2 == 1 {
		at = p.updated(i)
	}
	variant := int(mix(p.seed^uint64(i)) % uint64(len(p.incidents)))
	for _, part := range p.updates[2*variant+k%2] {
		b = append(b, part.text...)
		switch part.slot {
		case "id":
			b = append(b, p.updateID(k)...)
		case "incident":
			b = append(b, p.id(i)...)
		case "at":
			b = appendStamp(b, at)
		case "message":
			b = prose(b, mix(uint64(k)), 60)
		}
	}
	return b
}

// between gives the incidents [from, to) that the filters let through.
func (p *prePaged) between(filters []filter) (from, to int, bad *apiError) {
	from, to = 0, p.n
	for _, f := range filters {
		at := p.created
		switch f.name {
		case "mode", "status_category":
			own := map[string]string{"mode": "standard", "status_category": "closed"}[f.name]
			if !matchSet(f, own) {
				to = from
			}
			continue
		case "updated_at":
			at = p.updated
		case "created_at":
		default:
			return 0, 0, invalid(f.name, "invalid_value", "a pre-paged server does not filter by "+f.name)
		}
		day := func(text string) (time.Time, error) { return time.Parse(time.DateOnly, text) }
		low, high, bad := bounds(f, day)
		if bad != nil {
			return 0, 0, bad
		}
		if !low.IsZero() {
			from = max(from, sort.Search(p.n, func(i int) bool { return !at(i).Before(low) }))
		}
		if !high.IsZero() {
			to = min(to, sort.Search(p.n, func(i int) bool { return !at(i).Before(high.AddDate(0, 0, 1)) }))
		}
	}
	return from, max(from, to), nil
}
