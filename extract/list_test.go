package extract_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fourfold/extract"
)

func strs(items [][]byte) []string {
	out := []string{}
	for _, i := range items {
		out = append(out, string(i))
	}
	return out
}

func TestAPageIsSplitIntoItsObjects(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want []string
		meta string
	}{
		"two objects":          {`{"things":[{"a":1},{"b":"}]"}],"meta":{"after":"x"}}`, []string{`{"a":1}`, `{"b":"}]"}`}, `{"after":"x"}`},
		"spaces everywhere":    {" {\n \"things\" :\t[ {\"a\" : [ ] } ,\r\n{ } ] , \"meta\" : {} } ", []string{`{"a" : [ ] }`, `{ }`}, `{}`},
		"none":                 {`{"things":[]}`, nil, ""},
		"none, with a space":   {`{"things":[ ]}`, nil, ""},
		"a null list":          {`{"things":null,"meta":null}`, nil, ""},
		"null elements":        {`{"things":[null,{"a":null},null]}`, []string{`{"a":null}`}, ""},
		"escapes":              {`{"things":[{"a":"\"\\"},{"\\\"":"\\\\"}]}`, []string{`{"a":"\"\\"}`, `{"\\\"":"\\\\"}`}, ""},
		"an escaped key":       {`{"thin\u0067s":[{}]}`, []string{`{}`}, ""},
		"unknown members":      {`{"x":{"things":[{"no":1}]},"things":[{}],"y":[[1,2.5e-3,true,false,null]]}`, []string{`{}`}, ""},
		"meta before the list": {`{"meta":{"after":"z"},"things":[{}]}`, []string{`{}`}, `{"after":"z"}`},
	} {
		t.Run(name, func(t *testing.T) {
			var l extract.List
			if err := l.Parse([]byte(`{"things":[{"old":1}],"meta":1}`), "things", "meta"); err != nil {
				t.Fatal(err)
			}
			if err := l.Parse([]byte(c.body), "things", "meta"); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(append([]string{}, c.want...), strs(l.Items)); diff != "" {
				t.Error(diff)
			}
			if string(l.Meta) != c.meta {
				t.Errorf("meta %q, want %q", l.Meta, c.meta)
			}
		})
	}
}

func TestAnAnswerThatIsNoSuchPageIsAnError(t *testing.T) {
	good := `{"things":[{"id":"a","n":{"x":[1,"\""]}},{"id":"b"}],"meta":{"after":"b"}}`
	for i := range len(good) - 1 {
		if err := new(extract.List).Parse([]byte(good[:i]), "things", "meta"); err == nil {
			t.Errorf("%q was taken for a page", good[:i])
		}
	}
	for _, bad := range []string{
		`[]`, `null`, `"things"`, `{"other":[]}`, `{"things":{}}`, `{"things":"x"}`, `{"things":[{}]}}`, `{"things":[{]}}`,
		`{"things":[{}{}]}`, `{"things":[1]}`, `{"things":[[{}]]}`, `{"things":[{"a":01}]}`, `{"things":[{"a" 1}]}`, `{"things":[{}],}`, `{"things":[{},]}`,
		`{"things":[{"a":tru}]}`, `{things:[]}`, `{"things":[{}]} x`, "{\"things\":[{\"a\":\"\n\"}]}", strings.Repeat(`{"things":[`, 100_000),
	} {
		if err := new(extract.List).Parse([]byte(bad), "things", "meta"); err == nil {
			t.Errorf("%.60q was taken for a page", bad)
		}
	}
}

func TestTopLevelTextIsFound(t *testing.T) {
	object := []byte(`{"in":{"visibility":"no"},"n":1,"visibility":"pub\u006cic","created_at":null,"x":"\ud83d\ude00"}`)
	got := extract.Texts(object, "visibility", "created_at", "n", "in", "missing", "x")
	if diff := cmp.Diff([]string{"public", "", "", "", "", "😀"}, got); diff != "" {
		t.Error(diff)
	}
}

// FuzzList compares the splitter with encoding/json on what that takes for JSON.
func FuzzList(f *testing.F) {
	for _, s := range []string{goodList, `{"things":[{"a":"\\\""}],"pagination_meta":null}`, `{"things":null}`, `{"things":[{"a":[{}]}]`, `{"things":[{"a":1e9}],"things":[]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var l extract.List
		err := l.Parse(body, "things", "pagination_meta")
		if bytes.ContainsRune(body, '\\') || bytes.Count(body, []byte(`things`)) != 1 || !bytes.Contains(body, []byte(`"things"`)) {
			return // encoding/json matches keys without case, and takes the last of two
		}
		var want struct {
			Things []json.RawMessage `json:"things"`
		}
		if json.Unmarshal(body, &want) != nil {
			if err == nil && !json.Valid(body) {
				t.Fatalf("accepted %q, which is not JSON", body)
			}
			return
		}
		if err != nil {
			return // stricter: the list must be there and hold objects
		}
		objects := [][]byte{}
		for _, m := range want.Things {
			if string(m) != "null" {
				objects = append(objects, m)
			}
		}
		if diff := cmp.Diff(strs(objects), strs(l.Items)); diff != "" {
			t.Fatal(diff)
		}
		for _, item := range l.Items {
			extract.Texts(item, "id", "visibility")
		}
	})
}

func BenchmarkList(b *testing.B) {
	sample, err := os.ReadFile("../internal/fake/incidentio/testdata/sample/incidents_list.json")
	if err != nil {
		b.Fatal(err)
	}
	var l extract.List
	if err := l.Parse(sample, "incidents", "pagination_meta"); err != nil {
		b.Fatal(err)
	}
	var one bytes.Buffer
	_ = json.Compact(&one, l.Items[1])
	body := []byte(fmt.Sprintf(`{"incidents":[%s],"pagination_meta":{"after":"x"}}`, strings.Join(strings.Split(strings.Repeat(one.String()+"\x00", 250), "\x00")[:250], ",")))
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if err := l.Parse(body, "incidents", "pagination_meta"); err != nil || len(l.Items) != 250 {
			b.Fatal(err, len(l.Items))
		}
	}
	b.ReportMetric(250*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}
