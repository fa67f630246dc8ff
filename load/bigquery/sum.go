package bigquery

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"time"
)

// sum says in short what rows there are, in whatever order they come.
type sum struct {
	order []int // where each column is in a row, in the order of their names; below 0 it is not there
	rows  int64
	words [4]uint64
}

// newSum sums up some columns of rows that have these.
func newSum(some, these []string) *sum {
	s := &sum{}
	for _, name := range slices.Sorted(slices.Values(some)) {
		s.order = append(s.order, slices.Index(these, name))
	}
	return s
}

// add adds a row: the digest of its values, each with its type and length.
func (s *sum) add(row []any) {
	h := sha256.New()
	var n [9]byte
	word := func(kind byte, v uint64) {
		n[0] = kind
		binary.BigEndian.PutUint64(n[1:], v)
		h.Write(n[:])
	}
	for _, i := range s.order {
		if i < 0 {
			word('?', 0)
			continue
		}
		switch v := row[i].(type) {
		case nil:
			word('n', 0)
		case string:
			word('s', uint64(len(v)))
			h.Write([]byte(v))
		case int64:
			word('i', uint64(v)) //nolint:gosec // its bits
		case float64:
			word('f', math.Float64bits(v))
		case bool:
			word('b', map[bool]uint64{true: 1}[v])
		case time.Time:
			word('t', uint64(v.UnixMicro())) //nolint:gosec // its bits
		default:
			text := fmt.Sprint(v)
			word('x', uint64(len(text)))
			h.Write([]byte(text))
		}
	}
	digest := h.Sum(nil)
	for i := range s.words {
		s.words[i] += binary.BigEndian.Uint64(digest[8*i:])
	}
	s.rows++
}

func (s *sum) String() string {
	return fmt.Sprintf("%d rows, %x", s.rows, s.words[:2])
}
