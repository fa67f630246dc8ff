package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// objectPage is what the pages of single objects have in common.
type objectPage struct {
	builtPage
	Crumb      navLink // of the dashboard that lists such objects
	Findings   []findingView
	Explain    string // the command that says the same in a terminal
	Statements string // that give the rows behind the page
	RowsHref   string // all of them as JSON
}

// badge is a word that is seen from afar.
type badge struct{ Text, Class string }

// findingView is a finding about the data of an object.
type findingView struct {
	Severity, Class, Rule string
	Detail                string
	Object                string // "" where it is the page's own
}

// segment writes an id as one segment of an address, and idOf reads it again. One of dots only would be a way up: a tilde
// leads it, and what begins with a tilde.
func segment(id string) string {
	if id == "." || id == ".." || strings.HasPrefix(id, "~") {
		id = "~" + id
	}
	return url.PathEscape(id)
}

func idOf(segment string) string { return strings.TrimPrefix(segment, "~") }

// missingObject is an id that the build does not have. It is an errNothing.
type missingObject struct{ kind, id string }

func (e missingObject) Error() string     { return fmt.Sprintf("no %s %q", e.kind, e.id) }
func (e missingObject) Is(err error) bool { return err == errNothing }

// serveMissing answers that there is no such object, and how to search for the one that was meant.
func (s *server) serveMissing(w http.ResponseWriter, r *http.Request, err error) {
	var missing missingObject
	if !errors.As(err, &missing) {
		s.serveNotFound(w, r)
		return
	}
	f := filterOf(r)
	l := s.pages.language(f.Lang)
	m := message{shell: s.pages.shell(l, l.t("missing_incident"), place{root: whereof(r).root}, f.alone()), Back: l.t("back")}
	m.Paragraphs = []string{l.t("missing_incident_text", "id", missing.id)}
	m.Command = `fourfold sql "select incident_id, reference, name from fct_incidents where lower(name) like '%checkout%'"`
	if missing.kind == "deployment" {
		m.Title = l.t("missing_deployment")
		m.Paragraphs = []string{l.t("missing_deployment_text", "id", missing.id)}
		m.Command = `fourfold sql "select deployment_id, repository, finished_at from fct_deployments where sha like '1a2b3c4%'"`
	}
	s.serveMessage(w, r, http.StatusNotFound, m)
}

// knowable says whether an object can have this id: the engines take texts only.
func knowable(id string) bool {
	return id != "" && len(id) <= 1000 && utf8.ValidString(id) && !strings.ContainsRune(id, 0)
}

// only are the parameters of queries about one object. What they say of a list of the latest is about this one only.
func (m *maker) only(rowLimit int) map[string]any {
	params := m.params(1, rowLimit)
	for _, name := range []string{"service", "team", "repository", "severity", "incident_type", "field", "field_value", "counted", "incident", "deployment"} {
		params[name] = ""
	}
	params["from_at"], params["to_at"] = m.b.AsOf, m.b.AsOf
	return params
}

// object gives the page of an object without what is its own.
func (s *server) object(m *maker, asked filter, board, title string) objectPage {
	d := s.pages.catalogue.Dashboard(board)
	return objectPage{
		builtPage: s.built(m, title, asked),
		Crumb:     navLink{Text: d.Title.In(m.l.Code), Href: m.here.of(boardPath(s.pages.catalogue, d), asked)},
	}
}

// findings are those of a query, which are about the object itself where they have its id.
func (m *maker) findings(query, id string) []findingView {
	var out []findingView
	for _, r := range m.tables[query].rows() {
		v := findingView{
			Severity: m.known("quality_", r.text("severity")), Class: r.text("severity"),
			Rule: m.known("quality_rule_", r.text("rule")), Detail: m.l.sentence(m.said(r, "detail")),
		}
		if object := r.text("object_id"); object != id {
			v.Object = m.known("object_", r.text("object_type")) + " " + object
		}
		out = append(out, v)
	}
	return out
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:/@+#-]*$`)

// explainCommand says the same in a terminal; an id that a shell would read is quoted.
func explainCommand(kind, id string) string {
	if !plainWord.MatchString(id) {
		id = "'" + strings.ReplaceAll(id, "'", `'\''`) + "'"
	}
	return "fourfold explain " + kind + " " + id
}

// rowsOf are statements that give all rows of marts about an object.
func (s *server) rowsOf(column, id string, marts ...string) string {
	var b strings.Builder
	for _, mart := range marts {
		fmt.Fprintf(&b, "select * from %s%s where %s = %s;\n", s.Engine.Marts, mart, column, s.Engine.Text(id))
	}
	return b.String()
}

// serveRows answers with the rows behind the page of an object: a JSON object with an array for each query.
func (s *server) serveRows(w http.ResponseWriter, r *http.Request, kind string, ask func(ctx context.Context, m *maker, id string) ([]string, error)) {
	name, isJSON := strings.CutSuffix(r.PathValue("file"), ".json")
	id := idOf(name)
	if !isJSON || !knowable(id) {
		s.serveNotFound(w, r)
		return
	}
	f := filterOf(r)
	got, err := s.answerTo(w, r, "rows of "+kind+" "+id, f, func(ctx context.Context, build string) (*answer, error) {
		m, err := s.open(ctx, build, at(""), f)
		if err == nil {
			err = f.understood(m.b)
		}
		if err != nil {
			return nil, err
		}
		names, err := ask(ctx, m, id)
		if err != nil {
			return nil, err
		}
		return pack(http.Header{
			"Content-Type": {"application/json"}, "Content-Disposition": {fmt.Sprintf(`attachment; filename="fourfold-%s.json"`, kind)},
		}, m.asJSON(names)), nil
	})
	s.sendFile(w, r, f, got, err)
}

func (m *maker) asJSON(queries []string) []byte {
	var b bytes.Buffer
	b.WriteString("{")
	for i, name := range queries {
		if i > 0 {
			b.WriteByte(',')
		}
		t := m.tables[name]
		fmt.Fprintf(&b, "\n%q: %s", strings.TrimPrefix(name, "one_"), bytes.TrimSpace(asJSON(t.Columns, t.Rows)))
	}
	b.WriteString("\n}\n")
	return b.Bytes()
}

// signed writes how long after an instant another is, or how long before it.
func (m *maker) signed(d time.Duration) string {
	switch {
	case d < 0:
		return "−" + m.l.Duration(seconds(-d))
	case d > 0:
		return "+" + m.l.Duration(seconds(d))
	}
	return "0"
}

// middle is the median of sorted values (M1).
func middle(sorted []float64) float64 {
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
