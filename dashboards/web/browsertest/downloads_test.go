package browsertest

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"fourfold/dashboards"
)

// What can be taken along from each panel: rows, the statement that gives the same rows, and a picture.
func TestEveryPanelGivesItsRowsItsStatementAndItsPicture(t *testing.T) {
	m := openMarts(t)
	address, log := serveDashboard(t, m, "ja")
	c, err := dashboards.LoadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	const chosen = "?period=quarter&range=18m&severity=Major&type=O'Brien%5C&field=" + `%E5%8E%9F%E5%9B%A0:%20a:%20'b'` // a quote and a backslash
	for _, p := range c.On(dashboards.Web, false).Panels {
		for _, query := range []string{"?range=all", chosen} {
			var rows []map[string]any
			if err := json.Unmarshal([]byte(get(t, address+"/api/panels/"+p.Key+".json"+query, 200)), &rows); err != nil {
				t.Fatalf("%s: %v", p.Key, err)
			}
			statement := get(t, address+"/api/panels/"+p.Key+".sql"+query, 200)
			answer, err := m.Query(context.Background(), m.id, statement)
			if err != nil {
				t.Errorf("%s%s: its statement does not run: %v\n%s", p.Key, query, err, statement)
				continue
			}
			if len(answer.Rows) != len(rows) {
				t.Errorf("%s%s: %d rows, %d by its statement", p.Key, query, len(rows), len(answer.Rows))
			}
			picture := get(t, address+"/api/panels/"+p.Key+".svg"+query, 200)
			if err := wellFormed(picture); err != nil {
				t.Errorf("%s%s: its picture: %v", p.Key, query, err)
			}
			if !strings.Contains(picture, "<title") || strings.Contains(picture, "var(") || strings.Contains(picture, "NaN") {
				t.Errorf("%s%s: its picture has no title, or what no viewer knows", p.Key, query)
			}
		}
	}
	if log.Len() > 0 {
		t.Error(log)
	}
}

func wellFormed(text string) error {
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}
