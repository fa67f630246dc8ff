package incidentio

import (
	"strings"
	"time"
)

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// ID makes a 26-character ULID out of a time and a number. IDs order by time (milliseconds), then by number; the same
// arguments always give the same ID. The number's lower 30 bits count.
func ID(at time.Time, n uint64) string {
	var b [26]byte
	ms := uint64(at.UnixMilli())
	for i := 9; i >= 0; i-- {
		b[i] = crockford[ms&31]
		ms >>= 5
	}
	order := n
	for i := 15; i >= 10; i-- {
		b[i] = crockford[order&31]
		order >>= 5
	}
	noise := mix(n ^ uint64(at.UnixMicro())<<20)
	for i := 25; i >= 16; i-- {
		b[i] = crockford[noise&31]
		noise >>= 5
	}
	return string(b[:])
}

// idTime is the instant in a ULID; false if the text is none.
func idTime(id string) (time.Time, bool) {
	if len(id) != 26 {
		return time.Time{}, false
	}
	var ms int64
	for i := range 26 {
		d := strings.IndexByte(crockford, id[i])
		if d < 0 {
			return time.Time{}, false
		}
		if i < 10 {
			ms = ms<<5 | int64(d)
		}
	}
	return time.UnixMilli(ms).UTC(), true
}

// mix is the finaliser of splitmix64: it spreads the bits of a counter.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Stamp prints an instant as the API does: RFC 3339 in UTC with up to six digits of fraction, trailing zeros cut.
func Stamp(t time.Time) string {
	return t.UTC().Truncate(time.Microsecond).Format("2006-01-02T15:04:05.999999Z07:00")
}
