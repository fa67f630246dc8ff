package load

import (
	"encoding/json"
	"errors"
)

// Target is how dbt reaches the place that a build is made in.
type Target struct {
	Name string   // of an output of dbt's profile
	Env  []string // NAME=value; what is secret goes no other way
	// Carries is the id of the ledgers where what a build makes stays there, so that some models of the next one go on from it;
	// "" where each begins from nothing.
	Carries string
	// Release removes what was made for it, such as a key in a file; nil if that is nothing.
	Release func() error
}

// Publication is a build that readers see.
type Publication struct {
	ID    string
	Marts []Mart
	// Note is what the maker of builds wants to know of it later, where the warehouse keeps that.
	Note json.RawMessage
}

// Mart is a table of a build that is for readers; the others are how it came about.
type Mart struct {
	Name        string
	Description string
	Columns     []MartColumn // in their order; all of them, or none if they are not known
}

// MartColumn is a column of a mart.
type MartColumn struct{ Name, Description string }

// Estimate is what a query would read, in bytes, and what it would be billed for where queries have a least price.
type Estimate struct{ Read, Billed int64 }

// ErrMissing says that a query cannot be estimated since what it reads has not been made yet.
var ErrMissing = errors.New("what it reads has not been made yet")
