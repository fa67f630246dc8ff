package file

import (
	"context"
	"errors"
	"fmt"
	"io"

	"fourfold/extract"
	"fourfold/transform"
)

// reading is one run of a stream.
//
// Files that have not changed are not read. That is right only as far as their rows do not depend on other files, so
// where anything has changed, those whose rows do are read too (standing.Entangled); and where a file that is read has an
// id that the ledger knows from one that is not, the run begins anew and reads everything. Then of the rows with one id
// the first lands, by the order of sets, names and lines, as if all had been read at once.
type reading struct {
	opts    *Options
	kind    Kind
	table   *transform.Table
	sets    []*Set
	in      extract.Input
	yield   func(extract.Page, error) bool
	stopped bool // yield wants no more

	files    []*source
	byName   map[string]*source
	vanished bool            // a file that was there is not
	failures []error         // what could not be read, and is no row
	failed   map[*Set]bool   // sets of which nothing is read
	judges   map[*Set]*judge // by set
	seen     index           // ids in this run
	held     index           // ids in the ledger of files that are not read
	rejected map[key]bool    // what was set aside or left out in this run
	page     page
	warnings []string
}

func (r *reading) fail(err error) { r.failures = append(r.failures, err) }

func (r *reading) broke(f *source, err error) { r.fail(fmt.Errorf("%s: %w", f.name, err)) }

var errEntangled = errors.New("a file that was not to be read matters")

func (r *reading) run(ctx context.Context) error {
	before := positionOf(r.in.Cursor)
	err := r.pass(ctx, before, false)
	if errors.Is(err, errEntangled) {
		err = r.pass(ctx, before, true)
	}
	return err
}

// pass reads what is to be read, all of it or what has changed.
func (r *reading) pass(ctx context.Context, before position, all bool) error {
	r.files, r.failures, r.warnings, r.vanished = nil, nil, nil, false
	r.byName, r.failed, r.judges = map[string]*source{}, map[*Set]bool{}, map[*Set]*judge{}
	r.seen, r.held, r.rejected = index{}, index{}, map[key]bool{}
	r.page = page{}
	r.list(before)
	reads := r.vanished || r.in.Full
	for _, f := range r.files {
		reads = reads || !f.unchanged
	}
	if !reads {
		return r.failure(0)
	}
	spared := 0
	for _, f := range r.files {
		f.unchanged = f.unchanged && !all && !f.now.Entangled
		if f.unchanged {
			spared++
		}
	}
	r.checkMappings()
	if spared > 0 {
		if err := r.hold(ctx); err != nil {
			return err
		}
	}
	read := spared
	for i, f := range r.files {
		if f.unchanged || r.failed[f.set] {
			continue
		}
		if err := r.file(ctx, i, f); err != nil {
			return err
		}
		if f.whole {
			read++
		}
		if r.stopped {
			return nil
		}
	}
	r.sayStrays()
	if err := r.finish(ctx, before); err != nil || r.stopped {
		return err
	}
	return r.failure(read)
}

// failure is the error of what could not be read; where other files were, it is partial.
func (r *reading) failure(read int) error {
	if len(r.failures) == 0 {
		return nil
	}
	err := errors.Join(r.failures...)
	if read > 0 {
		return extract.Partial(err)
	}
	return err
}

// hold notes the ids that the ledger has from files that are not read.
func (r *reading) hold(ctx context.Context) error {
	for o, err := range r.in.Ledger.Scan(ctx, r.table, "file") {
		if err != nil {
			return err
		}
		if f := r.byName[o.Columns[0]]; f != nil && f.unchanged {
			r.held[keyOf(o.ID)] = place{}
		}
	}
	return nil
}

// file reads one file. The error is the run's; what is wrong with the file is a failure.
func (r *reading) file(ctx context.Context, number int, f *source) error {
	if err := f.look(); err != nil {
		r.broke(f, err)
		return nil
	}
	j := r.judge(f.set)
	f.now.Entangled = false
	var broken error // the run
	rows := 0
	err := f.read(j.header, func(x row) bool {
		rows++
		if rows%1024 == 0 && ctx.Err() != nil {
			broken = ctx.Err()
			return false
		}
		broken = r.row(number, f, j, x)
		return broken == nil && !r.stopped
	}, func(note string) {
		if note != "" {
			r.opts.Logger.Info("files: read as "+note, "file", f.name)
		}
	})
	switch {
	case broken != nil:
		return broken
	case err != nil:
		r.broke(f, err)
		return nil
	case r.stopped:
		return nil
	}
	if f.moved() {
		r.warn(f.name + " changed while it was read: what it lacks stays until it has been read again")
		return nil
	}
	f.whole = true
	return nil
}

func (r *reading) warn(w string) { r.warnings = append(r.warnings, w) }

func (r *reading) judge(s *Set) *judge {
	j := r.judges[s]
	if j == nil {
		j = newJudge(s)
		r.judges[s] = j
	}
	return j
}

// row makes a record of a row.
func (r *reading) row(number int, f *source, j *judge, x row) error {
	start := len(r.page.bytes)
	out, id, verdict, private := j.record(r.page.bytes, f.name, x)
	if id != "" {
		k := keyOf(id)
		if _, ok := r.held[k]; ok {
			return errEntangled
		}
		first, again := r.seen[k]
		switch {
		case verdict.Aside && !again:
			r.seen[k] = place{file: int32(number)} // it has not gone, but another row may have the id
		case verdict.Aside && first.line == 0 && first.file != int32(number):
			// Each of the files alone would say that it has it from no other.
			if f.now.Entangled = true; first.file != manyFiles {
				r.files[first.file].now.Entangled = true
			}
			r.seen[k] = place{file: manyFiles}
		case verdict.Aside:
		case again && first.line > 0:
			at := r.files[first.file]
			if at != f {
				at.now.Entangled, f.now.Entangled = true, true
			}
			verdict.Aside = true
			verdict.Problems = append(verdict.Problems, transform.Problem{
				Column: "id", Reason: fmt.Sprintf("%s: the id %s stands at %s:%d already, whose row is taken", verdict.Place, value{text: id}.found(), at.name, first.line),
			})
		default:
			if again && first.file != int32(number) {
				if f.now.Entangled = true; first.file != manyFiles {
					r.files[first.file].now.Entangled = true
				}
			}
			r.seen[k] = place{file: int32(number), line: int32(min(x.line, 1<<31-1))}
		}
	}
	f.now.Entangled = f.now.Entangled || private
	withheld := private && r.opts.PrivateIncidents == "exclude"
	for _, p := range verdict.Problems {
		if withheld {
			break
		}
		r.rejected[keyOf(r.table.RejectedID(verdict.Place, p.Column))] = true
	}
	r.page.add(out, start, verdict)
	if len(r.page.records) >= pageRows || len(r.page.bytes) >= pageBytes {
		r.send(r.page.take())
	}
	return nil
}

func (r *reading) send(p extract.Page) {
	if !r.stopped && !r.yield(p, nil) {
		r.stopped = true
	}
}

// read gives the rows of the file in their order; first a note of what it is taken for and, where the file names its
// columns once, their names.
func (f *source) read(header func([]string) error, yield func(row) bool, note func(string)) error {
	format, compressed, err := formatOf(f.path)
	if err != nil {
		return err
	}
	if format == parquetFormat {
		return parquetRows(f.path, header, yield)
	}
	in, encoding, err := openText(f.path, compressed)
	if err != nil {
		return err
	}
	defer in.Close()
	note(encoding)
	return textRows(in, format, header, yield)
}

func textRows(in io.Reader, f format, header func([]string) error, yield func(row) bool) error {
	switch f {
	case csvFormat:
		return csvRows(in, ',', header, yield)
	case tsvFormat:
		return csvRows(in, '\t', header, yield)
	case arrayFormat:
		return arrayRows(in, yield)
	}
	return lineRows(in, yield)
}
