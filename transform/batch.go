package transform

import (
	"bytes"
	"cmp"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/valyala/fastjson"
)

// Run identifies the run that makes rows.
type Run struct {
	ID string
	At time.Time // _observed_at of every row, UTC
}

// Rows turns the records of one table into batches of rows. It is for one goroutine.
type Rows struct {
	table   *Table
	run     Run
	privacy *privacy
	parser  fastjson.Parser
	arena   fastjson.Arena
	builder *array.RecordBuilder
	cells   []cell
	sorted  writer
	scratch []byte
	batch   Batch
}

// Batch is what a number of records became. Its rows and everything else in it land together.
type Batch struct {
	Table *Table
	Run   Run
	// Rows has the columns of Table.Ledger and, last, _row: the order in which the rows came, for ids that came twice.
	Rows arrow.RecordBatch
	// Rejected are the objects that were set aside, and the values that were.
	Rejected []Rejection
	// Withheld are ids that the privacy policy keeps out: where such an object has landed before, it is to go.
	Withheld []string
	Read     int // records that came in
	Bytes    int // bytes of them
}

// Rejection is an object, or one value of it, that does not fit its table.
type Rejection struct {
	Table    *Table
	ObjectID string // "" where not even that could be read
	Column   string // "" where the whole object could not be read
	Reason   string
	Landed   bool   // the rest of the object landed, with this column null
	Payload  string // as received, less secrets and people; "" where it could not be read safely
	// Place is where the object stands, at a source where that tells what was set aside better than an id does: two rows
	// of files may have one. "" elsewhere.
	Place string
}

// Verdict is what a source that reads what people have made has found wrong with an object: no API vouches for that.
type Verdict struct {
	Place    string // file:line
	Problems []Problem
	Aside    bool // the object is not to land; its problems say why
}

// Problem is a column that could not be filled, or "" for the object as a whole, and the reason.
type Problem struct{ Column, Reason string }

// RejectedID is the id, in the ledger Rejected, of what was set aside of an object, by its place or its id.
func (t *Table) RejectedID(of, column string) string { return t.Name + ":" + of + ":" + column }

// NewRows prepares to turn records of t into rows of one run under a privacy policy.
func NewRows(t *Table, run Run, policy Policy) *Rows {
	schema := t.ArrowSchema()
	return &Rows{
		table: t, run: run, privacy: newPrivacy(policy),
		builder: array.NewRecordBuilder(memory.DefaultAllocator, schema),
		cells:   make([]cell, len(t.Columns)),
		sorted:  writer{canonical: true},
		batch:   Batch{Table: t, Run: run},
	}
}

// Len is the number of bytes of the records added since the last Flush.
func (r *Rows) Len() int { return r.batch.Bytes }

// Count is the number of records added since the last Flush.
func (r *Rows) Count() int { return r.batch.Read }

// Flush gives the batch of what was added since the last one. The caller releases Batch.Rows.
func (r *Rows) Flush() Batch {
	b := r.batch
	b.Rows = r.builder.NewRecordBatch()
	r.batch = Batch{Table: r.table, Run: r.run}
	r.reserve(b.Rows)
	return b
}

// reserve makes room for a batch like the last one, so that buffers are not grown, and copied, by doubling.
func (r *Rows) reserve(last arrow.RecordBatch) {
	n := int(last.NumRows())
	r.builder.Reserve(n)
	for i, f := range r.builder.Fields() {
		if s, ok := f.(*array.StringBuilder); ok {
			s.ReserveData(len(last.Column(i).(*array.String).ValueBytes()) * 17 / 16)
		}
	}
}

// Add turns one record into a row, a rejection, or an id that is withheld, and returns the object's id where it has
// one. private says that the object belongs to a private incident. The record is not kept.
func (r *Rows) Add(record []byte, private bool) string {
	return r.AddJudged(record, private, Verdict{})
}

// AddJudged is Add of a record that its source has judged. What the policy withholds is judged no more.
func (r *Rows) AddJudged(record []byte, private bool, verdict Verdict) string {
	r.batch.Read++
	r.batch.Bytes += len(record)
	if !utf8.Valid(record) {
		record = bytes.ToValidUTF8(record, []byte("\uFFFD"))
	}
	v, err := r.parser.ParseBytes(record)
	if err != nil || v.Type() != fastjson.TypeObject {
		r.batch.Rejected = append(r.batch.Rejected, Rejection{Table: r.table, Reason: "not a JSON object"})
		return ""
	}
	r.arena.Reset()
	id := string(v.GetStringBytes("id"))
	// Only incidents and what belongs to them have parts to keep; a private repository is no private incident.
	if private || r.table.Kept != nil && string(v.GetStringBytes("visibility")) == "private" {
		switch r.privacy.policy.PrivateIncidents {
		case "include":
		case "redact":
			r.privacy.redact(&r.arena, r.table, v)
		default:
			if id != "" {
				r.batch.Withheld = append(r.batch.Withheld, id)
			}
			return id
		}
	}
	if r.table.Person && r.privacy.policy.People == "drop" {
		if id != "" {
			r.batch.Withheld = append(r.batch.Withheld, id)
		}
		return id
	}
	r.treatPeople(v)
	for _, p := range verdict.Problems {
		r.reject(v, id, p.Column, p.Reason, !verdict.Aside)
		r.batch.Rejected[len(r.batch.Rejected)-1].Place = verdict.Place
	}
	if verdict.Aside {
		return id
	}
	if id == "" {
		r.reject(v, "", "id", "missing: every object needs one", false)
		return ""
	}
	if r.table.Person {
		id = string(v.GetStringBytes("id"))
	}
	if r.scan(v, id) {
		r.append(v, id)
	}
	return id
}

func (r *Rows) treatPeople(v *fastjson.Value) {
	people := r.privacy.policy.People
	if r.table.Person && people == "hash" {
		r.privacy.pseudonymise(&r.arena, v)
	}
	r.privacy.fields(&r.arena, v, people)
}

// scan fills the cells and reports whether the row may land.
func (r *Rows) scan(v *fastjson.Value, id string) bool {
	before := len(r.batch.Rejected)
	for i := range r.table.Columns {
		c, cell := &r.table.Columns[i], &r.cells[i]
		if c.project != nil {
			cell.text = c.project(cell.text[:0], v)
			cell.null = len(cell.text) == 0
			if c.check != nil {
				if err := c.check(v); err != nil {
					r.reject(v, id, c.Name, err.Error(), true)
				}
			}
			continue
		}
		err := cell.scan(c.Type, c.get(v))
		switch {
		case err == nil && (!cell.null || !c.Required):
		case c.Required:
			reason := "missing: the table needs it"
			if err != nil {
				reason = err.Error()
			}
			r.reject(v, id, c.Name, reason, false)
			// What was left out of a row that does not land has not landed either.
			for j := range r.batch.Rejected[before:] {
				r.batch.Rejected[before+j].Landed = false
			}
			return false
		default:
			cell.null = true
			r.reject(v, id, c.Name, err.Error(), true)
		}
	}
	return true
}

func (r *Rows) reject(v *fastjson.Value, id, column, reason string, landed bool) {
	r.batch.Rejected = append(r.batch.Rejected, Rejection{
		Table: r.table, ObjectID: id, Column: column, Reason: reason, Landed: landed,
		Payload: string((&writer{}).append(nil, v, nil)),
	})
}

func (r *Rows) append(v *fastjson.Value, id string) {
	b := r.builder
	b.Field(0).(*array.StringBuilder).Append(id)
	b.Field(1).(*array.TimestampBuilder).Append(arrow.Timestamp(r.run.At.UnixMicro()))
	if updated := b.Field(2).(*array.TimestampBuilder); r.table.updated < 0 || r.cells[r.table.updated].null {
		updated.AppendNull()
	} else {
		updated.Append(arrow.Timestamp(r.cells[r.table.updated].num))
	}
	r.scratch = r.sorted.append(r.scratch[:0], v, r.table.volatile)
	r.scratch = appendHash(r.scratch, r.scratch)
	b.Field(3).(*array.StringBuilder).BinaryBuilder.Append(r.scratch[len(r.scratch)-32:])
	b.Field(4).(*array.BooleanBuilder).Append(false)
	b.Field(5).(*array.StringBuilder).Append(r.run.ID)
	for i := range r.cells {
		appendCell(b.Field(len(leading)+i), r.table.Columns[i].Type, &r.cells[i])
	}
	last := len(leading) + len(r.cells)
	plain := writer{}
	r.scratch = plain.append(r.scratch[:0], v, nil)
	b.Field(last).(*array.StringBuilder).BinaryBuilder.Append(r.scratch)
	b.Field(last + 1).(*array.Int64Builder).Append(int64(r.batch.Read))
}

func appendCell(b array.Builder, t Type, c *cell) {
	if c.null {
		b.AppendNull()
		return
	}
	switch t {
	case String, JSON:
		b.(*array.StringBuilder).BinaryBuilder.Append(c.text)
	case Int64:
		b.(*array.Int64Builder).Append(c.num)
	case Float64:
		b.(*array.Float64Builder).Append(c.real)
	case Bool:
		b.(*array.BooleanBuilder).Append(c.num != 0)
	case Instant:
		b.(*array.TimestampBuilder).Append(arrow.Timestamp(c.num))
	}
}

// Record gives the rejection as a record of the table Rejected. What was rejected twice for the same reason is one
// object of that table.
func (x Rejection) Record() []byte {
	id := cmp.Or(x.Place, x.ObjectID)
	if id == "" {
		id = string(appendHash(nil, []byte(x.Payload+x.Reason)))
	}
	o := open(nil)
	for _, f := range [...]struct{ name, value string }{
		{"id", x.Table.RejectedID(id, x.Column)}, {"table_name", x.Table.Name}, {"object_id", x.ObjectID}, {"column_name", x.Column}, {"reason", x.Reason}, {"object", x.Payload},
	} {
		if f.value != "" {
			o.name(f.name)
			o.dst = appendString(o.dst, f.value)
		}
	}
	o.name("landed")
	o.dst = strconv.AppendBool(o.dst, x.Landed)
	return o.close()
}
