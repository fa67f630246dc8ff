package digest

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"fourfold/dashboards"
	"fourfold/dashboards/web"
)

var update = flag.Bool("update", false, "write golden files anew")

// recorded answers from the recording of package report, with the week of 16 November in place of its months.
type recorded map[string]*web.Table

func readRecorded(t *testing.T) recorded {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "report", "testdata", "build.json"))
	if err != nil {
		t.Fatal(err)
	}
	var found map[string]struct {
		Columns, Types []string
		Rows           [][]any
	}
	if err := json.Unmarshal(b, &found); err != nil {
		t.Fatal(err)
	}
	q := recorded{}
	for name, a := range found {
		for _, row := range a.Rows {
			for i, v := range row {
				switch x := v.(type) {
				case float64:
					if a.Types[i] == "int" {
						row[i] = int64(x)
					}
				case string:
					if a.Types[i] == "instant" {
						if row[i], err = time.Parse(time.RFC3339Nano, x); err != nil {
							t.Fatal(err)
						}
					}
					if a.Columns[i] == "period_start" {
						row[i] = map[string]string{"2026-10-01": "2026-11-16", "2026-09-01": "2026-11-09"}[x]
					}
				}
			}
		}
		q[name] = &web.Table{Columns: a.Columns, Rows: a.Rows}
	}
	return q
}

func (q recorded) Published(context.Context) (string, error) { return "b-20261125-0830", nil }

func (q recorded) Query(ctx context.Context, _, sql string, _ ...any) (*web.Table, error) {
	name, _, _ := strings.Cut(strings.TrimPrefix(sql, "-- "), "\n")
	return q[name], ctx.Err()
}

// empty leaves no rows in some answers.
func (q recorded) empty(names ...string) {
	for _, n := range names {
		q[n] = &web.Table{Columns: q[n].Columns}
	}
}

// set changes a column of every row of an answer.
func (q recorded) set(name, column string, value any) {
	i := slices.Index(q[name].Columns, column)
	for _, r := range q[name].Rows {
		r[i] = value
	}
}

func digestOf(t *testing.T, q recorded, language, url string) *Digest {
	t.Helper()
	s, err := web.OpenSheet(t.Context(), web.SheetOptions{Querier: q, Engine: dashboards.DuckDB, Language: language})
	if err != nil {
		t.Fatal(err)
	}
	d, err := Make(t.Context(), s, url)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; write it by: go test ./dashboards/digest -update", err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-golden +now); if it is meant, run: go test ./dashboards/digest -update\n%s", file, diff)
	}
}

func TestAWeekIsToldInSixLines(t *testing.T) {
	for _, language := range []string{"en", "ja"} {
		d := digestOf(t, readRecorded(t), language, "https://numbers.example.com")
		if len(d.Lines) != 6 || d.From != "2026-11-16" || d.To != "2026-11-22" {
			t.Errorf("%d lines of %s to %s", len(d.Lines), d.From, d.To)
		}
		golden(t, "digest."+language+".txt", d.Text())
		for _, k := range []Kind{Slack, GoogleChat, Webhook} {
			b, err := k.Message(d)
			if err != nil {
				t.Fatal(err)
			}
			var v any
			if err := json.Unmarshal(b, &v); err != nil {
				t.Fatal(err)
			}
			pretty, err := json.MarshalIndent(v, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden(t, strings.TrimPrefix(string(k), "digest.")+"."+language+".json", string(pretty)+"\n")
		}
	}
}

func TestAnEmptyWeekIsToldToo(t *testing.T) {
	q := readRecorded(t)
	q.empty("trend", "key_trend", "open_incidents", "follow_up_ages", "reminders", "choices")
	q.set("publication", "freshness", "[]")
	d := digestOf(t, q, "en", "")
	var lines []string
	for _, l := range d.Lines {
		lines = append(lines, l.Text)
	}
	want := []string{"Deployments: none are read", "Incidents: 0", "Time to restore: –", "Follow-ups: 0 open, 0 overdue"}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for _, k := range []Kind{Slack, GoogleChat, Webhook} {
		b, err := k.Message(d)
		if err != nil || strings.Contains(string(b), "chase:") || strings.Contains(string(b), `"metrics":null`) {
			t.Errorf("%s: %s, %v", k, b, err)
		}
	}
}

// Titles of follow-ups come from anybody: they mention nobody, make no marks, and break no limit.
func TestATitleMentionsNobodyAndBreaksNoLimit(t *testing.T) {
	q := readRecorded(t)
	q.set("reminders", "title", "<!channel> <users/all> <@U123> *bold* `code` & "+strings.Repeat("長い題名", 900))
	q.set("reminders", "external_issue_url", "https://issues.example.com/x?a=1&b=<2>|y")
	d := digestOf(t, q, "ja", "")
	slack, err := slackMessage(d)
	if err != nil {
		t.Fatal(err)
	}
	var message struct {
		Text   string
		Blocks []struct {
			Type string
			Text struct{ Type, Text string }
		}
	}
	if err := json.Unmarshal(slack, &message); err != nil {
		t.Fatal(err)
	}
	if len(message.Blocks) > 50 || utf8.RuneCountInString(message.Text) > slackText {
		t.Errorf("%d blocks, a text of %d", len(message.Blocks), utf8.RuneCountInString(message.Text))
	}
	for _, b := range message.Blocks {
		most := slackSection
		if b.Type == "header" {
			most = slackHeader
		}
		if n := utf8.RuneCountInString(b.Text.Text); n > most {
			t.Errorf("a %s of %d characters", b.Type, n)
		}
		if strings.Contains(b.Text.Text, "<") {
			t.Errorf("a mark: %s", b.Text.Text)
		}
	}
	chat, err := chatMessage(d)
	if err != nil {
		t.Fatal(err)
	}
	var text struct{ Text string }
	if err := json.Unmarshal(chat, &text); err != nil {
		t.Fatal(err)
	}
	if len(text.Text) > 4096 || strings.Contains(text.Text, "<") || !utf8.ValidString(text.Text) {
		t.Errorf("%d bytes: %s", len(text.Text), text.Text)
	}
	d.FollowUps.Chase[0].Title = strings.Repeat("x", 120)
	for range 100 {
		d.FollowUps.Chase = append(d.FollowUps.Chase, d.FollowUps.Chase[0])
	}
	if chat, err = chatMessage(d); err != nil || len(chat) > 4096+200 || !strings.Contains(string(chat), "…") {
		t.Errorf("a hundred follow-ups are %d bytes, %v", len(chat), err)
	}
}
