// Package file reads incidents and deployments from files: an earlier tool's history, another deployment system. A row of
// a CSV, NDJSON, JSON or Parquet file becomes a record by our names for its columns.
//
// A file is read whole when it has changed, and not at all when it has not. Rows that have gone from the files have gone
// from the source. Whoever writes such files makes mistakes: a row that does not fit is set aside with its file, line and
// reason, and the others land. The package writes no file, and guesses at no value.
package file

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"
	"time"

	"fourfold/extract"
	"fourfold/transform"
)

// Options are what a source of files is made of.
type Options struct {
	// Dir is the absolute folder that names of files are told from.
	Dir    string
	Sets   []Set
	Logger *slog.Logger
	// PrivateIncidents is the privacy policy's word: where it changes, files are read again.
	PrivateIncidents string
}

// Set is a number of files that are read alike.
type Set struct {
	// Key is what the configuration calls it, and Path how it gives the files; both are for people.
	Key, Path string
	Kind      Kind
	// Files lists the files that there are now, by absolute paths in a fixed order.
	Files func() ([]string, error)
	// Mapping gives, for a column of ours, the file's name for it.
	Mapping map[string]string
	// Zone is that of times without an offset.
	Zone *time.Location
	// Service is that of rows that name none.
	Service string
	// MaxDeletions is the share of the set's rows that may go from its files at once, in 0..1.
	MaxDeletions float64
	// People is the privacy policy's word on them: include, hash or drop.
	People string
	// Unmapped makes the error for a mapping to a column that no file has; known are those that they have.
	Unmapped func(ours, theirs string, known []string) error
}

// Source is the files of a configuration.
type Source struct{ opts Options }

// New prepares to read files; it opens none.
func New(o Options) *Source {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Source{o}
}

// Name is the source's name.
func (s *Source) Name() string { return "files" }

// Streams are one for each kind of which there are sets.
func (s *Source) Streams() []extract.Stream {
	var out []extract.Stream
	for _, x := range []struct {
		kind  Kind
		table *transform.Table
	}{{Incidents, transform.FilesIncidents}, {Deployments, transform.FilesDeployments}} {
		var sets []*Set
		for i := range s.opts.Sets {
			if s.opts.Sets[i].Kind == x.kind {
				sets = append(sets, &s.opts.Sets[i])
			}
		}
		if len(sets) == 0 {
			continue
		}
		out = append(out, extract.Stream{
			Name: string(x.kind), Table: x.table,
			Read: func(ctx context.Context, in extract.Input) iter.Seq2[extract.Page, error] {
				return func(yield func(extract.Page, error) bool) {
					r := reading{opts: &s.opts, kind: x.kind, table: x.table, sets: sets, in: in, yield: yield}
					if err := r.run(ctx); err != nil && !r.stopped {
						yield(extract.Page{}, fmt.Errorf("files: %w", err))
					}
				}
			},
		})
	}
	return out
}

// settings is what a file's rows depend on besides the file: where it changes, the file is read again.
func (s *Set) settings(private string) string {
	text, err := json.Marshal([]any{
		1, // raised where the program reads the same file otherwise
		s.Kind, s.Mapping, s.Zone.String(), s.Service, s.People, private,
	})
	if err != nil {
		panic("file: settings: " + err.Error()) // text can always be written
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}
