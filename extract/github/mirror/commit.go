package mirror

import (
	"bytes"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
)

// Commit is a commit as git holds it.
type Commit struct {
	SHA       string
	Parents   []string // in their order
	Author    Signature
	Committer Signature
	Message   string // UTF-8, to its first NUL
	// Paths are those of the files and submodules that it changed against its parent, sorted, each once: both of a file that
	// was renamed. Nil of a merge commit and where they were not asked for.
	Paths []string
}

// Signature says who and when. Name and address may be empty.
type Signature struct {
	Name, Email string
	At          time.Time // UTC, to the second; zero if there is none that RFC 3339 can write
}

// parseCommit reads a commit object. Nothing in it is taken for granted: any program can have written it.
func parseCommit(sha string, raw []byte) Commit {
	c := Commit{SHA: sha}
	header, message, _ := bytes.Cut(raw, []byte("\n\n"))
	if bytes.HasPrefix(raw, []byte("\n")) {
		header, message = nil, raw[1:]
	}
	var author, committer, charset []byte
	for len(header) > 0 {
		var line []byte
		line, header, _ = bytes.Cut(header, []byte("\n"))
		key, value, _ := bytes.Cut(line, []byte(" "))
		switch string(key) { // a line that goes on begins with a blank: its key is empty
		case "parent":
			c.Parents = append(c.Parents, string(value))
		case "author":
			first(&author, value)
		case "committer":
			first(&committer, value)
		case "encoding":
			first(&charset, value)
		}
	}
	if i := bytes.IndexByte(message, 0); i >= 0 {
		message = message[:i]
	}
	text := decoder(string(charset))
	c.Author, c.Committer = parseSignature(author, text), parseSignature(committer, text)
	c.Message = text(message)
	return c
}

func first(to *[]byte, value []byte) {
	if *to == nil {
		*to = value
	}
}

// parseSignature reads `Name <address> seconds zone`. The zone is left aside: it says how to show the instant.
func parseSignature(line []byte, text func([]byte) string) Signature {
	open := bytes.IndexByte(line, '<')
	if open < 0 {
		return Signature{Name: strings.TrimSpace(text(line))}
	}
	s := Signature{Name: strings.TrimSpace(text(line[:open]))}
	rest := line[open+1:]
	end := bytes.IndexByte(rest, '>')
	if end < 0 {
		s.Email = strings.TrimSpace(text(rest))
		return s
	}
	s.Email = strings.TrimSpace(text(rest[:end]))
	date := bytes.Fields(rest[bytes.LastIndexByte(rest, '>')+1:])
	if len(date) == 0 {
		return s
	}
	seconds, err := strconv.ParseInt(string(date[0]), 10, 64)
	if err == nil && seconds >= earliest && seconds <= latest {
		s.At = time.Unix(seconds, 0).UTC()
	}
	return s
}

// The seconds that RFC 3339 can write: the years 1 to 9999.
var (
	earliest = time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC).Unix()
	latest   = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC).Unix()
)

// decoder gives what makes UTF-8 of texts in the encoding that a commit declares, if it does. Bytes that are not what
// they should be are taken for Latin-1, as git itself does.
func decoder(charset string) func([]byte) string {
	charset = strings.TrimSpace(charset)
	if charset == "" || strings.EqualFold(charset, "utf-8") || strings.EqualFold(charset, "utf8") {
		return utf8Text
	}
	enc, err := htmlindex.Get(charset)
	if err != nil {
		return utf8Text
	}
	return func(b []byte) string {
		if ascii(b) {
			return utf8Text(b)
		}
		out, err := enc.NewDecoder().Bytes(b)
		if err != nil {
			return utf8Text(b)
		}
		return string(out)
	}
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf || c == 0x1b { // ISO-2022-JP is 7 bits wide
			return false
		}
	}
	return true
}

func utf8Text(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	var out strings.Builder
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			r = rune(b[0])
		}
		out.WriteRune(r)
		b = b[n:]
	}
	return out.String()
}
