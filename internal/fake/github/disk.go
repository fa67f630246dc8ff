package github

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// disk is where a repository lies as a bare one.
type disk struct{ dir string }

// WriteTo writes the repository as a bare one into a folder of its own, or brings the one there up to date. Objects go
// into packs, which are made here: no process is started, and the same organisation always makes the same bytes. A fork
// borrows the objects of what it was forked from.
func (r *Repository) WriteTo(dir string) error {
	if err := r.write(dir); err != nil {
		return fmt.Errorf("github fake: write %s into %s: %w", r.FullName(), dir, err)
	}
	return nil
}

// WriteTo writes every repository into <dir>/<owner>/<name>.git, for git to read without a server.
func (o *Organisation) WriteTo(dir string) error {
	for _, r := range o.Repositories {
		if err := r.WriteTo(filepath.Join(dir, filepath.FromSlash(r.FullName())+".git")); err != nil {
			return err
		}
	}
	return nil
}

func (r *Repository) write(dir string) error {
	_, err := os.Stat(filepath.Join(dir, "config"))
	fresh := r.disk.dir != dir || err != nil
	if fresh {
		for _, sub := range []string{"objects/pack", "objects/info", "refs/heads", "refs/tags"} {
			if err := os.MkdirAll(filepath.Join(dir, sub), 0o750); err != nil {
				return err
			}
		}
		config := "[core]\n\trepositoryformatversion = 0\n\tbare = true\n[uploadpack]\n\tallowFilter = true\n\tallowAnySHA1InWant = true\n[gc]\n\tauto = 0\n"
		if err := os.WriteFile(filepath.Join(dir, "config"), []byte(config), 0o600); err != nil {
			return err
		}
		r.disk.dir = dir
	}
	if err := r.store.flush(dir, fresh); err != nil {
		return err
	}
	if err := replace(filepath.Join(dir, "HEAD"), []byte("ref: refs/heads/"+r.DefaultBranch+"\n")); err != nil {
		return err
	}
	return replace(filepath.Join(dir, "packed-refs"), r.packedRefs())
}

func (r *Repository) packedRefs() []byte {
	var b strings.Builder
	b.WriteString("# pack-refs with: peeled fully-peeled sorted \n")
	for _, name := range slices.Sorted(maps.Keys(r.refs)) {
		sha := r.refs[name]
		fmt.Fprintf(&b, "%s %s\n", sha, name)
		if at := r.store.peel(sha); at != sha {
			fmt.Fprintf(&b, "^%s\n", at)
		}
	}
	return []byte(b.String())
}

// flush brings the objects onto the disk. A network keeps them in the first folder that it was written to; the others
// name that one as their alternate.
func (s *objects) flush(dir string, fresh bool) error {
	home := filepath.Join(dir, "objects")
	if _, err := os.Stat(s.home); s.home == "" || err != nil { // never written, or into a folder that has gone since
		s.home, s.purged = home, s.home != ""
	}
	if s.home != home && fresh {
		if err := os.WriteFile(filepath.Join(home, "info", "alternates"), []byte(s.home+"\n"), 0o600); err != nil {
			return err
		}
	}
	if s.purged {
		s.fresh = s.everything()
	}
	old, err := filepath.Glob(filepath.Join(s.home, "pack", "*"))
	if err != nil {
		return err
	}
	var made string
	if len(s.fresh) > 0 {
		if made, err = writePack(filepath.Join(s.home, "pack"), s.fresh); err != nil {
			return err
		}
	}
	if s.purged {
		for _, file := range old {
			if strings.HasPrefix(filepath.Base(file), made+".") {
				continue
			}
			if err := os.Remove(file); err != nil {
				return err
			}
		}
	}
	s.fresh, s.purged = nil, false
	return nil
}

// everything lists all objects, for a pack made anew.
func (s *objects) everything() []rawObject {
	var out []rawObject
	for _, sha := range slices.Sorted(maps.Keys(s.commits)) {
		out = append(out, rawObject{1, sha, s.commits[sha].encode()})
	}
	for _, sha := range slices.Sorted(maps.Keys(s.tags)) {
		out = append(out, rawObject{4, sha, s.tags[sha].encode()})
	}
	for _, sha := range slices.Sorted(maps.Keys(s.trees)) {
		out = append(out, rawObject{2, sha, s.trees[sha].encode()})
	}
	for _, sha := range slices.Sorted(maps.Keys(s.blobs)) {
		out = append(out, rawObject{3, sha, []byte(s.blobs[sha])})
	}
	return out
}

type indexEntry struct {
	raw    [20]byte
	crc    uint32
	offset uint32
}

// writePack writes a pack of version 2 and its index of version 2; it gives their name without extension.
func writePack(dir string, list []rawObject) (string, error) {
	var pack bytes.Buffer
	pack.WriteString("PACK")
	_ = binary.Write(&pack, binary.BigEndian, [2]uint32{2, uint32(len(list))}) // to memory
	entries := make([]indexEntry, 0, len(list))
	z, err := zlib.NewWriterLevel(nil, zlib.BestSpeed)
	if err != nil {
		return "", err
	}
	for _, o := range list {
		e := indexEntry{offset: uint32(pack.Len())}
		if _, err := hex.Decode(e.raw[:], []byte(o.sha)); err != nil {
			return "", err
		}
		pack.Write(packHeader(o.kind, len(o.body)))
		z.Reset(&pack)
		if _, err := z.Write(o.body); err != nil {
			return "", err
		}
		if err := z.Close(); err != nil {
			return "", err
		}
		e.crc = crc32.ChecksumIEEE(pack.Bytes()[e.offset:])
		entries = append(entries, e)
	}
	sum := sha1.Sum(pack.Bytes())
	pack.Write(sum[:])
	name := "pack-" + hex.EncodeToString(sum[:])
	if err := os.WriteFile(filepath.Join(dir, name+".pack"), pack.Bytes(), 0o600); err != nil {
		return "", err
	}
	return name, os.WriteFile(filepath.Join(dir, name+".idx"), packIndex(entries, sum), 0o600)
}

// packHeader is the kind and the size of an object, seven bits a byte, the first four of the size beside the kind.
func packHeader(kind byte, size int) []byte {
	b := []byte{kind<<4 | byte(size&15)}
	for size >>= 4; size > 0; size >>= 7 {
		b[len(b)-1] |= 0x80
		b = append(b, byte(size&0x7f))
	}
	return b
}

func packIndex(entries []indexEntry, packSum [20]byte) []byte {
	slices.SortFunc(entries, func(a, b indexEntry) int { return bytes.Compare(a.raw[:], b.raw[:]) })
	b := []byte{0xff, 't', 'O', 'c', 0, 0, 0, 2}
	at := 0
	for first := range 256 {
		for at < len(entries) && int(entries[at].raw[0]) <= first {
			at++
		}
		b = binary.BigEndian.AppendUint32(b, uint32(at))
	}
	for _, e := range entries {
		b = append(b, e.raw[:]...)
	}
	for _, e := range entries {
		b = binary.BigEndian.AppendUint32(b, e.crc)
	}
	for _, e := range entries {
		b = binary.BigEndian.AppendUint32(b, e.offset)
	}
	b = append(b, packSum[:]...)
	sum := sha1.Sum(b)
	return append(b, sum[:]...)
}

// replace writes a file whole or not at all.
func replace(file string, content []byte) error {
	if err := os.WriteFile(file+".new", content, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}
