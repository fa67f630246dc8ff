package ship

import (
	"encoding/binary"
	"encoding/hex"
)

// SHA is the hash that names a commit.
type SHA [20]byte

// ParseSHA reads a hash of 40 digits. Anything else names no commit of a graph.
func ParseSHA(text string) (sha SHA, ok bool) {
	if len(text) != 2*len(sha) {
		return SHA{}, false
	}
	for i := range sha {
		high, low := digits[text[2*i]], digits[text[2*i+1]]
		if high|low > 15 {
			return SHA{}, false
		}
		sha[i] = high<<4 | low
	}
	return sha, true
}

// String is the hash in lower case.
func (s SHA) String() string { return hex.EncodeToString(s[:]) }

// digits are the values of hexadecimal digits, in either case; of all else 255.
var digits = func() (out [256]byte) {
	for i := range out {
		out[i] = 255
	}
	for i := range 16 {
		out["0123456789abcdef"[i]] = byte(i)
		out["0123456789ABCDEF"[i]] = byte(i)
	}
	return out
}()

// index numbers hashes in the order in which they come: a table at most half full, with linear probing. It takes a third
// of what a map does.
type index struct {
	shas []SHA
	// slots have a number plus one in their lower half, of what has been forgotten gone, and in the upper one a part of
	// the hash, so that others need not be looked at; 0 is free.
	slots []uint64
}

const gone = 1<<32 - 1

func scramble(sha *SHA) uint64 {
	return (binary.LittleEndian.Uint64(sha[:8]) ^ binary.LittleEndian.Uint64(sha[12:])) * 0x9E3779B97F4A7C15
}

// slot is where a hash stands or may be put.
func (x *index) slot(sha *SHA, scrambled uint64) int {
	mask := len(x.slots) - 1
	for i := int(scrambled>>32) & mask; ; i = (i + 1) & mask {
		s := x.slots[i]
		if s == 0 {
			return i
		}
		if n := uint32(s); uint32(s>>32) == uint32(scrambled>>32) && n != gone && x.shas[n-1] == *sha {
			return i
		}
	}
}

// find gives the number of a hash, -1 where it has none.
func (x *index) find(sha SHA) int32 {
	if len(x.slots) == 0 {
		return -1
	}
	return int32(uint32(x.slots[x.slot(&sha, scramble(&sha))])) - 1
}

// add gives the number of a hash, a new one where it has none.
func (x *index) add(sha SHA) int32 {
	if 2*len(x.shas) >= len(x.slots) {
		x.grow(max(64, 2*len(x.slots)))
	}
	scrambled := scramble(&sha)
	i := x.slot(&sha, scrambled)
	if x.slots[i] == 0 {
		x.shas = append(x.shas, sha)
		x.slots[i] = scrambled>>32<<32 | uint64(len(x.shas))
	}
	return int32(uint32(x.slots[i])) - 1
}

// grow makes a table of a size, a power of two, of what has been added.
func (x *index) grow(size int) {
	old := x.slots
	x.slots = make([]uint64, size)
	for _, s := range old {
		if s == 0 {
			continue
		}
		i := int(s>>32) & (size - 1)
		for x.slots[i] != 0 {
			i = (i + 1) & (size - 1)
		}
		x.slots[i] = s
	}
}

// renumber gives the hashes other numbers, -1 to forget one. No more can be added then.
func (x *index) renumber(shas []SHA, numbers []int32) {
	x.shas = shas
	for i, s := range x.slots {
		if s == 0 {
			continue
		}
		n := uint64(gone)
		if to := numbers[uint32(s)-1]; to >= 0 {
			n = uint64(to) + 1
		}
		x.slots[i] = s>>32<<32 | n
	}
}
