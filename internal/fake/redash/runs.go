package redash

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// job is a run of a query: 1 queued, 2 started, 3 done, 4 failed.
type job struct {
	id     string
	status int
	source int
	sql    string
	result int
	err    string
}

type result struct {
	id     int
	source int
	hash   string
	rows   []map[string]any
}

func (j *job) object() object {
	out := object{"id": j.id, "status": j.status, "error": j.err, "updated_at": 0, "query_result_id": nil, "result": nil}
	if j.status == 3 {
		out["query_result_id"], out["result"] = j.result, j.result
	}
	return object{"job": out}
}

func (s *Server) resultObject(r *result) object {
	columns := []object{}
	if len(r.rows) > 0 {
		for _, name := range slices.Sorted(maps.Keys(r.rows[0])) {
			columns = append(columns, object{"name": name, "friendly_name": name, "type": nil})
		}
	}
	return object{"query_result": object{"id": r.id, "query_hash": r.hash, "data_source_id": r.source, "data": object{"columns": columns, "rows": r.rows}}}
}

// put puts values into the text of a query; refused says why it does not.
func (s *Server) put(q *query, values object) (sql string, refused *reply) {
	no := func(r reply) (string, *reply) { return "", &r }
	declared := map[string]object{}
	for _, p := range q.parameters() {
		declared[fmt.Sprint(p["name"])] = p
	}
	var wrong []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		p := declared[name]
		if p == nil {
			wrong = append(wrong, name)
			continue
		}
		fits, broke := s.fits(p, values[name])
		if broke {
			return no(broken())
		}
		if !fits {
			wrong = append(wrong, name)
		}
	}
	if wrong != nil {
		return no(problem(http.StatusBadRequest, "The following parameter values are incompatible with their definitions: "+strings.Join(wrong, ", ")))
	}
	var missing []string
	sql = mustache.ReplaceAllStringFunc(q.text, func(m string) string {
		name := mustache.FindStringSubmatch(m)[1]
		name, part, _ := strings.Cut(name, ".")
		v, given := values[name]
		if !given {
			if !slices.Contains(missing, name) {
				missing = append(missing, name)
			}
			return ""
		}
		if o, isRange := v.(object); isRange {
			v = o[part]
		}
		if list, several := v.([]any); several {
			v = joined(declared[name], list)
		}
		return fmt.Sprint(v)
	})
	if missing != nil {
		slices.Sort(missing)
		return no(reply{status: http.StatusBadRequest, body: object{"job": object{"status": 4, "error": "Missing parameter value for: " + strings.Join(missing, ", ")}}})
	}
	return sql, nil
}

// joined joins several values as the parameter says.
func joined(p object, list []any) string {
	o, _ := p["multiValuesOptions"].(object)
	var parts []string
	for _, v := range list {
		parts = append(parts, fmt.Sprint(o["prefix"])+fmt.Sprint(v)+fmt.Sprint(o["suffix"]))
	}
	return strings.Join(parts, fmt.Sprint(o["separator"]))
}

var (
	mustache = regexp.MustCompile(`\{\{\s*([A-Za-z0-9_.]+)\s*\}\}`)
	dateText = regexp.MustCompile(`^\d{4}-\d\d-\d\d`)
)

// fits says whether a value is one of a parameter; broke, that asking is an error of the server.
func (s *Server) fits(p object, v any) (fits, broke bool) {
	all := []any{v}
	if list, several := v.([]any); several {
		if p["multiValuesOptions"] == nil {
			return false, false
		}
		all = list
	}
	oneOf := func(known []string) bool {
		return !slices.ContainsFunc(all, func(v any) bool { return !slices.Contains(known, fmt.Sprint(v)) })
	}
	switch p["type"] {
	case "text":
		_, fits = v.(string)
		return fits, false
	case "text-pattern":
		text, isText := v.(string)
		pattern, err := regexp.Compile("^(?:" + fmt.Sprint(p["regex"]) + ")$")
		return isText && s.major() >= 25 && err == nil && pattern.MatchString(text), false
	case "number":
		if _, isNumber := v.(float64); isNumber {
			return true, false
		}
		text, isText := v.(string)
		_, err := strconv.ParseFloat(text, 64)
		return isText && err == nil, false
	case "enum":
		options, _ := p["enumOptions"].(string)
		return oneOf(strings.Split(options, "\n")), false
	case "query":
		id, isNumber := p["queryId"].(float64)
		of := s.queries[int(id)]
		if !isNumber || of == nil {
			return false, true
		}
		var known []string
		for _, c := range s.choices(of) {
			known = append(known, fmt.Sprint(c["value"]))
		}
		return oneOf(known), false
	case "date", "datetime-local", "datetime-with-seconds":
		text, isText := v.(string)
		return isText && dateText.MatchString(text), false
	case "date-range", "datetime-range", "datetime-range-with-seconds":
		o, isRange := v.(object) // a word such as d_last_90_days is for browsers
		return isRange && dateText.MatchString(fmt.Sprint(o["start"])) && dateText.MatchString(fmt.Sprint(o["end"])), false
	}
	return false, false
}

// choices are what the latest result of a query gives a dropdown.
func (s *Server) choices(q *query) []object {
	r := s.results[q.latest]
	if r == nil {
		return nil
	}
	var out []object
	for _, row := range r.rows {
		name, value := row["name"], row["value"]
		if value == nil {
			columns := slices.Sorted(maps.Keys(row))
			value = row[columns[0]]
		}
		if name == nil {
			name = value
		}
		out = append(out, object{"name": name, "value": fmt.Sprint(value)})
	}
	return out
}

func (s *Server) dropdown(c *call) reply {
	q := s.known(c)
	if q == nil {
		return notFound()
	}
	return ok(s.choices(q))
}

// defaults are the saved values of a query's parameters.
func (q *query) defaults() object {
	out := object{}
	for _, p := range q.parameters() {
		out[fmt.Sprint(p["name"])] = p["value"]
	}
	return out
}

// start gives the job that runs a text; two runs of one text at once are one job.
func (s *Server) start(q *query, sql string) *job {
	for _, j := range s.jobs {
		if j.status < 3 && j.source == q.source && j.sql == sql {
			return j
		}
	}
	j := &job{id: fmt.Sprintf("00000000-0000-0000-0000-%012d", s.next("job")), status: 1, source: q.source, sql: sql}
	s.jobs[j.id] = j
	return j
}

// finish runs a job to its end.
func (s *Server) finish(j *job) {
	rows := []map[string]any{{"name": "All", "value": "(all)"}}
	var err error
	if s.Answer != nil {
		rows, err = s.Answer(j.sql)
	}
	if err != nil {
		j.status, j.err = 4, err.Error()
		return
	}
	text, _ := json.Marshal(rows)
	rows = nil
	_ = json.Unmarshal(text, &rows)
	r := &result{id: s.next("result"), source: j.source, hash: hash(j.sql), rows: rows}
	s.results[r.id] = r
	j.status, j.result = 3, r.id
	for _, q := range s.queries {
		s.pointTo(q, r)
	}
}

// pointTo makes a result the latest of a query if it is of the query's text with the saved values.
func (s *Server) pointTo(q *query, r *result) {
	if q.source == r.source && q.saved == r.hash {
		q.latest = r.id
	}
}

// savedHash is the hash of a query's text with the saved values of its parameters.
func (q *query) savedHash() string {
	values := q.defaults()
	return hash(mustache.ReplaceAllStringFunc(q.text, func(m string) string {
		name, part, _ := strings.Cut(mustache.FindStringSubmatch(m)[1], ".")
		v := values[name]
		if o, isRange := v.(object); isRange {
			v = o[part]
		}
		return fmt.Sprint(v)
	}))
}

// point looks for a result of a query's text that is there already; if there is none the one it had stays.
func (s *Server) point(q *query) {
	q.saved = q.savedHash()
	if s.major() < 25 { // which takes the text as it is: no run of a query with parameters is ever its latest (measured on 10.1)
		q.saved = hash(q.text)
	}
	for _, id := range slices.Sorted(maps.Keys(s.results)) {
		s.pointTo(q, s.results[id])
	}
}

func (s *Server) runQuery(c *call) reply {
	q := s.known(c)
	if q == nil {
		return notFound()
	}
	if d := s.sources[q.source]; s.Locked && d.kind == "duckdb" {
		return broken()
	}
	values, _ := c.body["parameters"].(object)
	sql, refused := s.put(q, values)
	if refused != nil {
		return *refused
	}
	if c.body["max_age"] == float64(-1) {
		for _, id := range slices.Backward(slices.Sorted(maps.Keys(s.results))) {
			if r := s.results[id]; r.source == q.source && r.hash == hash(sql) {
				return ok(s.resultObject(r))
			}
		}
	}
	return ok(s.start(q, sql).object())
}

// refreshQuery takes parameters from the address, and no saved value.
func (s *Server) refreshQuery(c *call) reply {
	q := s.known(c)
	if q == nil {
		return notFound()
	}
	values := object{}
	for k := range c.query {
		name, isParameter := strings.CutPrefix(k, "p_")
		if !isParameter {
			continue
		}
		if name, part, isRange := strings.Cut(name, "."); isRange {
			o, _ := values[name].(object)
			if o == nil {
				o = object{}
			}
			o[part] = c.query.Get(k)
			values[name] = o
			continue
		}
		values[name] = c.query.Get(k)
	}
	sql, refused := s.put(q, values)
	if refused != nil {
		return *refused
	}
	return ok(s.start(q, sql).object())
}

// getJob moves a job on with each look at it, if there is a worker.
func (s *Server) getJob(c *call) reply {
	j := s.jobs[c.path[1]]
	if j == nil {
		return broken()
	}
	if !s.NoWorker {
		switch j.status {
		case 1:
			j.status = 2
		case 2:
			s.finish(j)
		}
	}
	return ok(j.object())
}

func (s *Server) getResult(c *call) reply {
	id, _ := c.id()
	r := s.results[id]
	if r == nil {
		return notFound()
	}
	return ok(s.resultObject(r))
}
