package shell

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAStatementEndsWithASemicolonThatIsNeitherTextNorComment(t *testing.T) {
	for _, test := range []struct {
		text     string
		escapes  bool
		want     []string
		rest     string
		finished bool // nothing is left to be ended
	}{
		{"select 1;", false, []string{"select 1"}, "", true},
		{"select 1", false, nil, "select 1", false},
		{"select\n1\n;\nselect 2; sel", false, []string{"select\n1", "select 2"}, " sel", false},
		{"select ';' as a, \";\" as `b;`;", false, []string{"select ';' as a, \";\" as `b;`"}, "", true},
		{"select 'it''s; so';", false, []string{"select 'it''s; so'"}, "", true},
		{"select 'a;", false, nil, "select 'a;", false},
		{"select 1 -- one; or two\n;", false, []string{"select 1 -- one; or two"}, "", true},
		{"select 1 /* ; */;", false, []string{"select 1 /* ; */"}, "", true},
		{"select 1; /* not ended;", false, []string{"select 1"}, " /* not ended;", false},
		{"select 1; -- the end", false, []string{"select 1"}, " -- the end", true},
		{";; -- nothing\n;", false, nil, "", true},
		{"-- only a comment\n", false, nil, "-- only a comment\n", true},
		{"select $$;$$, $a$;$$;$a$, $1;", false, []string{"select $$;$$, $a$;$$;$a$, $1"}, "", true},
		{`select 'C:\';`, false, []string{`select 'C:\'`}, "", true},
		{`select 'it\'s; so', "\";";`, true, []string{`select 'it\'s; so', "\";"`}, "", true},
		{`select """;";""", ''';''' ;`, true, []string{`select """;";""", ''';'''`}, "", true},
		{"select '決済；';", false, []string{"select '決済；'"}, "", true},
	} {
		got, rest := Split(test.text, test.escapes)
		if d := cmp.Diff(test.want, got); d != "" || rest != test.rest || blank(rest, test.escapes) != test.finished {
			t.Errorf("%q: rest %q, finished %v (-want +got)\n%s", test.text, rest, blank(rest, test.escapes), d)
		}
	}
}

func TestTheHistoryHasAStatementOnOneLineThatMeansTheSame(t *testing.T) {
	for text, want := range map[string]string{
		"select\n\t1\nfrom a":           "select  1 from a",
		"select 1 -- one\nfrom a -- so": "select 1  from a",
		"select '-- no\ncomment'":       "select '-- no comment'",
		"select /* a\nb */ 1":           "select /* a b */ 1",
	} {
		if got := OnOneLine(text, false); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestCompletionKnowsWhatIsRead(t *testing.T) {
	for _, test := range []struct {
		before, line string
		pos          int // from the end
		head         string
		want         []string
		tail         string
	}{
		{"", "select * from fct_", 0, "select * from ", []string{"fct_changes", "fct_incidents"}, ""},
		{"", "sel", 0, "", []string{"select"}, ""},
		{"", "SEL", 0, "", []string{"SELECT"}, ""},
		{"", "select te from fct_changes", len(" from fct_changes"), "select ", []string{"team"}, " from fct_changes"},
		{"select inc\nfrom fct_changes\n", "where inc", 0, "where ", nil, ""},
		{"select *\nfrom fct_incidents as i\n", "where i.re", 0, "where ", []string{"i.restored_at"}, ""},
		{"", "select c.t from fct_incidents i join fct_changes c", len(" from fct_incidents i join fct_changes c"), "select ", []string{"c.team"}, " from fct_incidents i join fct_changes c"},
		{"", "select fct_changes.", 0, "select ", []string{"fct_changes.change_id", "fct_changes.team"}, ""},
		{"", "select x.", 0, "select ", nil, ""},
		{"", "select '決済', te", 0, "select '決済', ", []string{"team"}, ""},
		{"", ".s", 0, "", []string{".schema"}, ""},
		{"", ".schema fct_i", 0, ".schema ", []string{"fct_incidents"}, ""},
		{"", ".format p", 0, ".format ", []string{"parquet"}, ""},
		{"", ".output f", 0, ".output ", nil, ""},
	} {
		head, got, tail := Complete(some, test.before, test.line, len([]rune(test.line))-test.pos)
		if d := cmp.Diff(test.want, got); d != "" || head != test.head || tail != test.tail {
			t.Errorf("%q: head %q, tail %q (-want +got)\n%s", test.line, head, tail, d)
		}
	}
}
