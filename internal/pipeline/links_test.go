package pipeline

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func linksFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLinksAreReadAsPeopleAndSpreadsheetsWriteThem(t *testing.T) {
	two := []link{{2, "INC-1", "123", "Aoki", "bad migration"}, {3, "INC-2", "none", "Sato", ""}}
	for promise, test := range map[string]struct {
		file, text string
		want       []link
	}{
		"a table":                        {"l.csv", "incident,deployment,who,why\nINC-1,123,Aoki,bad migration\nINC-2,none,Sato,\n", two},
		"columns in any order and case":  {"l.CSV", "WHY,Who,Deployment, Incident \nbad migration,Aoki,123,INC-1\n,Sato,NONE,INC-2", two},
		"a byte order mark and CRLF":     {"l.csv", "\ufeffincident,deployment,who,why\r\nINC-1,123,Aoki,bad migration\r\nINC-2,None,Sato,\r\n", two},
		"without the column why":         {"l.csv", "incident,deployment,who\nINC-2,none,Sato\n", []link{{2, "INC-2", "none", "Sato", ""}}},
		"spaces around values":           {"l.csv", "incident,deployment,who,why\n INC-1 ,\u3000123\u3000, Aoki,bad migration \nINC-2, none,Sato,\n", two},
		"quoted, with a line break":      {"l.csv", "incident,deployment,who,why\nINC-1,123,\"青木, \"\"SRE\"\"\",\"移行の\n失敗\"\nINC-2,none,佐藤,外部要因\n", []link{{2, "INC-1", "123", `青木, "SRE"`, "移行の\n失敗"}, {4, "INC-2", "none", "佐藤", "外部要因"}}},
		"rows that a spreadsheet left":   {"l.csv", "incident,deployment,who,why\n,,,\n\nINC-2,none,Sato,\n , ,,\n", []link{{4, "INC-2", "none", "Sato", ""}}},
		"only a header":                  {"l.csv", "incident,deployment,who,why\n", nil},
		"several causes of one incident": {"l.csv", "incident,deployment,who,why\nINC-1,1,Aoki,\ninc-1,2,Aoki,\n", []link{{2, "INC-1", "1", "Aoki", ""}, {3, "inc-1", "2", "Aoki", ""}}},
		"a list of maps":                 {"l.yaml", "- incident: INC-1\n  deployment: 0123\n  WHO: 青木\n  why: |\n    移行\n# none of ours\n- {incident: 12, deployment: none, who: Sato}\n", []link{{1, "INC-1", "0123", "青木", "移行"}, {7, "12", "none", "Sato", ""}}},
		"a byte order mark before YAML":  {"l.yml", "\ufeff- {incident: INC-2, deployment: None, who: Sato, why: ~}\r\n", []link{{1, "INC-2", "none", "Sato", ""}}},
		"an empty list":                  {"l.yaml", "[]\n", nil},
		"nothing but a comment":          {"l.yaml", "# nobody has decided anything\n", nil},
		"a document without a value":     {"l.yaml", "---\n", nil},
	} {
		got, err := readLinks(linksFile(t, test.file, test.text))
		if err != nil {
			t.Errorf("%s: %v", promise, err)
		}
		if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(link{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", promise, diff)
		}
	}
	if got, err := readLinks(""); err != nil || got != nil {
		t.Errorf("without a file: %v, %v", got, err)
	}
}

func TestWhatIsWrongInALinksFileIsSaidWithItsLine(t *testing.T) {
	const header = "incident,deployment,who,why\n"
	for _, test := range []struct{ file, text, want string }{
		{"l.csv", "", ":1: has no header"},
		{"l.csv", "incident;deployment;who;why\n", `:1: the column "incident;deployment;who;why" is not one of`},
		{"l.csv", "incident,deployment,who,why,Who\n", ":1: the column who is there twice"},
		{"l.csv", "incident,deployment,why\n", ":1: the column who is missing"},
		{"l.csv", header + "INC-1,1,Aoki,\nINC-2,none\n", ":3: wrong number of fields"},
		{"l.csv", header + "INC-1,1,Aoki,\nINC-2,none,\"Sa\"to,\n", ":3: "},
		{"l.csv", header + "INC-1,1,Aoki,\"two\nlines\"\nINC-2,, Sato,\n", ":4: deployment is empty"},
		{"l.csv", header + ",1,Aoki,\n", ":2: incident is empty"},
		{"l.csv", header + "INC-1,1,\u3000,x\n", ":2: who is empty"},
		{"l.csv", header + "INC-1,A,Aoki,\nINC-1,2,Aoki,\ninc-1,a,Sato,\n", ":4: says again what line 2 says of inc-1"},
		{"l.csv", header + "INC-1,none,Aoki,\nINC-2,1,Aoki,\nINC-1,2,Aoki,\n", ":4: INC-1 has both none and a deployment (lines 2 and 4)"},
		{"l.csv", header + "INC-1,2,Aoki,\nINC-1,none,Aoki,\n", ":3: INC-1 has both none and a deployment (lines 2 and 3)"},
		{"l.csv", header + "INC-1,1,Aoki,\nINC-2,1,\x90\xc2\x96\xd8,\n", ":3: is not UTF-8"},
		{"l.yaml", "incident: INC-1\n", ":1: want a list of maps"},
		{"l.yaml", "- INC-1\n", ":1: want a list of maps"},
		{"l.yaml", "- incident: INC-1\n  deployment: 1\n  wo: Aoki\n", `:3: the key "wo" is not one of`},
		{"l.yaml", "- incident: INC-1\n  Incident: INC-2\n", ":2: the key incident is there twice"},
		{"l.yaml", "- incident: INC-1\n  deployment: [1, 2]\n  who: Aoki\n", ":2: deployment is not a text"},
		{"l.yaml", "\n- incident: INC-1\n  deployment: 1\n", ":2: who is empty"},
		{"l.yaml", "- incident: INC-1\n  deployment: ~\n  who: Aoki\n", ":1: deployment is empty"},
		{"l.yaml", "- incident: INC-1\n  who: [\n", ":2: is not YAML: "},
		{"l.yaml", "[]\n---\n[]\n", ":2: has a second document"},
	} {
		path := linksFile(t, test.file, test.text)
		got, err := readLinks(path)
		if err == nil || !strings.Contains(err.Error(), path+test.want) || got != nil {
			t.Errorf("%q: %v, %v; want an error with %q", test.text, got, err, test.want)
		}
	}
}

func TestALinksFileThatIsNotThereEndsTheBuild(t *testing.T) {
	_, err := linksSeed(loadConfig(t, "metrics: {links: nowhere.csv}\n"))
	if err == nil || !strings.Contains(err.Error(), "metrics.links") || !strings.Contains(err.Error(), "nowhere.csv") {
		t.Errorf("%v", err)
	}
}

func TestLinksReachDBTAsTheyWereDecided(t *testing.T) {
	c := loadConfig(t, "metrics: {links: "+linksFile(t, "l.csv", "incident,deployment,who,why\nINC-1,\"https://x.example/1,2\",青木,\"a \"\"b\"\"\nc\"\n")+"}\n")
	s, err := linksSeed(c)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "seed", written(t, []seed{s})["config_links"], [][]string{
		{"line", "incident", "deployment", "decided_by", "reason"},
		{"2", "INC-1", "https://x.example/1,2", "青木", "a \"b\"\nc"},
	})
}
