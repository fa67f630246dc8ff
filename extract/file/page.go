package file

import (
	"crypto/sha256"

	"fourfold/extract"
	"fourfold/transform"
)

// A page is full at this many rows or bytes.
const (
	pageRows  = 1000
	pageBytes = 1 << 20
)

// page gathers records in one buffer.
type page struct {
	bytes   []byte
	ends    []int
	records []extract.Record
}

// add takes a record that was appended to bytes from start on.
func (p *page) add(bytes []byte, start int, verdict transform.Verdict) {
	p.bytes = bytes
	p.ends = append(p.ends, start, len(bytes))
	p.records = append(p.records, extract.Record{Verdict: verdict})
}

// take gives what was gathered; it is valid until the next add.
func (p *page) take() extract.Page {
	for i := range p.records {
		p.records[i].JSON = p.bytes[p.ends[2*i]:p.ends[2*i+1]]
	}
	out := extract.Page{Records: p.records}
	p.bytes, p.ends, p.records = p.bytes[:0], p.ends[:0], p.records[:0]
	return out
}

// key stands for a text where very many are kept.
type key [12]byte

func keyOf(s string) key {
	sum := sha256.Sum256([]byte(s))
	return key(sum[:12])
}

// place is where a row stands: a file by its number, and a line; 0 where the row was set aside, which may be in many.
type place struct{ file, line int32 }

const manyFiles = -1

// index is where ids stand.
type index map[key]place
