package file

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"fourfold/transform"
)

// judge makes records of the rows of a set of files: of each row either one that lands, or one that is set aside with
// the reasons. It is for one goroutine.
//
// Numbers are made of times, so a row with a time that cannot be read does not land without it; other values that do not
// fit are left out, and that is said.
type judge struct {
	set    *Set
	binder *binder
	fields []value

	place    string // file:line
	private  bool
	out      []byte
	problems []transform.Problem
	aside    bool
}

func newJudge(s *Set) *judge {
	return &judge{set: s, binder: newBinder(s), fields: make([]value, len(s.Kind.own()))}
}

// record appends the record of a row to dst and gives the row's id, "" if it has none. The verdict's problems are valid
// until the next row.
func (j *judge) record(dst []byte, file string, r row) (out []byte, id string, verdict transform.Verdict, private bool) {
	j.place = file + ":" + strconv.Itoa(r.line)
	j.private, j.problems, j.aside = false, nil, false
	j.out = append(dst, '{')
	switch problem := r.problem; {
	case problem != "":
		j.reject("", "the row "+problem)
	default:
		if problem := j.binder.fields(r.cells, j.fields); problem != "" {
			j.reject("", "the row "+problem)
		}
		if j.set.Kind == Incidents {
			j.visibility()
		}
		id = j.id()
		if j.set.Kind == Incidents {
			j.incident()
		} else {
			j.deployment(r.cells)
		}
	}
	j.member("file")
	j.out = quoted(j.out, file)
	j.member("line")
	j.out = append(strconv.AppendInt(j.out, int64(r.line), 10), '}')
	return j.out, id, transform.Verdict{Place: j.place, Problems: j.problems, Aside: j.aside}, j.private
}

// header refuses a file whose columns cannot make a row.
func (j *judge) header(names []string) error {
	has, from := make([]bool, len(j.fields)), make([]string, len(j.fields))
	for _, name := range names {
		for _, i := range j.binder.places(name) {
			if has[i] {
				return fmt.Errorf("its columns %q and %q are both for %s: rename one, or map it", from[i], name, j.set.Kind.own()[i])
			}
			has[i], from[i] = true, name
		}
	}
	needs := [][]string{{"id"}, {"created_at", "reported_at", "started_at", "impact_started_at"}}
	if j.set.Kind == Deployments {
		needs = [][]string{{"id"}, {"service"}}
	}
	for _, any := range needs {
		found := any[0] == "service" && j.set.Service != ""
		for _, name := range any {
			found = found || has[j.set.Kind.index(name)]
		}
		if !found {
			return fmt.Errorf("none of its columns (%s) is %s: say which by mapping", strings.Join(names, ", "), strings.Join(any, " or "))
		}
	}
	return nil
}

// reject sets the row aside.
func (j *judge) reject(column, why string) {
	j.leave(column, why)
	j.aside = true
}

// leave leaves a value out.
func (j *judge) leave(column, why string) {
	j.problems = append(j.problems, transform.Problem{Column: column, Reason: j.place + ": " + why})
}

// unfit says what was expected and, unless the row is private, what stood there.
func (j *judge) unfit(expected string, v value) string {
	if j.private {
		return "expected " + expected
	}
	return "expected " + expected + ", found " + v.found()
}

func (j *judge) member(name string) {
	if j.out[len(j.out)-1] != '{' {
		j.out = append(j.out, ',')
	}
	j.out = append(quoted(j.out, name), ':')
}

func (j *judge) put(name, s string) {
	j.member(name)
	j.out = quoted(j.out, s)
}

func (j *judge) value(name string) value { return j.fields[j.set.Kind.index(name)] }

// longestID is the greatest length of an id: what is longer is text in the wrong column.
const longestID = 500

func (j *judge) id() string {
	v := j.value("id")
	switch {
	case v.kind == absent:
		j.reject("id", "missing: every row needs one")
	case v.kind != text && v.kind != literal, len(v.text) > longestID:
		j.reject("id", j.unfit("an id", v))
	default:
		j.put("id", v.text)
		return v.text
	}
	return ""
}

// scalar gives a value as text; ok is false where there is none, or none that is text, which is said.
func (j *judge) scalar(name string) (s string, ok bool) {
	v := j.value(name)
	switch v.kind {
	case absent:
	case text, literal:
		return v.text, true
	case instant:
		return v.at.UTC().Format(instantLayout), true
	default:
		j.leave(name, j.unfit("text", v))
	}
	return "", false
}

func (j *judge) text(name string) {
	if s, ok := j.scalar(name); ok {
		j.put(name, s)
	}
}

// link is an address that a page may show.
func (j *judge) link(name string) {
	s, ok := j.scalar(name)
	if !ok {
		return
	}
	if u, err := url.Parse(s); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		j.leave(name, j.unfit("an http or https address", j.value(name)))
		return
	}
	j.put(name, s)
}

// integer is a whole number; 3.0, as spreadsheets and Parquet write it, is one.
func (j *judge) integer(name string) {
	s, ok := j.scalar(name)
	if !ok {
		return
	}
	whole, fraction, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || strings.Trim(fraction, "0") != "" {
		j.leave(name, j.unfit("a whole number", j.value(name)))
		return
	}
	j.member(name)
	j.out = strconv.AppendInt(j.out, n, 10)
}

// moment puts an instant; ok is false where there is none.
func (j *judge) moment(name string) (at time.Time, ok bool) {
	v := j.value(name)
	if v.kind == absent {
		return at, false
	}
	at, err := v.moment(j.set.Zone)
	if err != nil {
		j.reject(name, j.unfit(err.Error(), v))
		return at, false
	}
	j.put(name, at.UTC().Format(instantLayout))
	return at, true
}
