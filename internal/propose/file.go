package propose

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// file is the commented example on its way to a proposal: lines that are found by how they begin and replaced.
type file struct {
	lines []string
	err   error
}

func newFile(example []byte) *file {
	return &file{lines: strings.Split(string(example), "\n")}
}

func (f *file) bytes() []byte { return []byte(strings.Join(f.lines, "\n")) }

// at finds the line that begins with a text. The example is ours: a line that is not there is a mistake in the program.
func (f *file) at(prefix string) int {
	i := slices.IndexFunc(f.lines, func(line string) bool { return strings.HasPrefix(line, prefix) })
	if i < 0 && f.err == nil {
		f.err = fmt.Errorf("propose: the example has no line %q", prefix)
	}
	return i
}

// block finds a line and where what belongs to it ends: at the next empty line.
func (f *file) block(prefix string) (from, to int) {
	from = f.at(prefix)
	if from < 0 {
		return 0, 0
	}
	to = from
	for to < len(f.lines) && f.lines[to] != "" {
		to++
	}
	return from, to
}

func (f *file) replace(from, to int, lines ...string) {
	if f.err == nil {
		f.lines = slices.Replace(f.lines, from, to, lines...)
	}
}

// before puts lines before the one that begins with a text.
func (f *file) before(prefix string, lines ...string) {
	if at := f.at(prefix); at >= 0 {
		f.replace(at, at, lines...)
	}
}

// set gives a key another value. Its line keeps its comment, where there is room in the same place.
func (f *file) set(prefix, value string) {
	at := f.at(prefix)
	if at < 0 {
		return
	}
	line := prefix + " " + value
	if before, comment, ok := strings.Cut(f.lines[at], "  # "); ok {
		line = fmt.Sprintf("%-*s  # %s", utf8.RuneCountInString(before), line, comment)
	}
	f.replace(at, at+1, line)
}
