package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Error is one thing that is wrong with a configuration. It never holds a secret.
type Error struct {
	File    string // as given to Load; "" without a file
	Line    int    // from 1; 0 when the key is not in the file
	Key     string // such as services[0].name; "" for the file as a whole
	Problem string // what is wrong
	Fix     string // what to do about it
	Err     error  // the cause, if another error is it
}

// Error is `fourfold.yaml:12: key: problem: fix`.
func (e *Error) Error() string {
	place := e.File
	switch {
	case place == "":
		place = "no " + DefaultFile
	case e.Line > 0:
		place = fmt.Sprintf("%s:%d", place, e.Line)
	}
	parts := []string{place}
	for _, part := range []string{e.Key, e.Problem, e.Fix} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ": ")
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errors are all that is wrong, in the order of their lines; those without a line come last.
type Errors []*Error

// Error is one error a line.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives each error to errors.Is and errors.As.
func (e Errors) Unwrap() []error {
	out := make([]error, len(e))
	for i, one := range e {
		out[i] = one
	}
	return out
}

// sorted puts the errors in order, or gives nil when there is none.
func (e Errors) sorted() error {
	if len(e) == 0 {
		return nil
	}
	slices.SortStableFunc(e, func(a, b *Error) int {
		if (a.Line == 0) != (b.Line == 0) {
			return cmp.Compare(b.Line, a.Line)
		}
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Key, b.Key))
	})
	return e
}
