// Package digest tells people how the week went: six lines and the follow-ups to chase, to Slack, Google Chat or any webhook.
// The numbers are those of the catalogue's queries over the last week that was over as of the build. It posts to the addresses
// that it is given, asks nobody for anything else, and puts no address into an error.
package digest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"fourfold/dashboards/report"
	"fourfold/dashboards/web"
)

// chased is how many follow-ups are named; the others are counted.
const chased = 5

// Digest is a week in words, and the numbers behind them.
type Digest struct {
	Kind      string     `json:"kind"`    // fourfold.digest
	Version   int        `json:"version"` // of this form: what is there stays, what is new is added
	Build     string     `json:"build_id"`
	AsOf      time.Time  `json:"as_of"`
	Timezone  string     `json:"timezone"`
	Language  string     `json:"language"`
	From      string     `json:"from"` // local dates, both inclusive
	To        string     `json:"to"`
	Title     string     `json:"title"`
	Compared  string     `json:"compared"`
	Lines     []Line     `json:"lines"`
	Metrics   []Metric   `json:"metrics"`
	Open      int        `json:"open_incidents"`
	FollowUps FollowUps  `json:"follow_ups"`
	URL       string     `json:"url,omitempty"`
	words     wordsAfter // that go with the lines
}

type wordsAfter struct{ chase, more, link string }

// Line is one of the lines; Key says what it is about: deployments, lead_time, failures, incidents, restore or follow_ups.
type Line struct {
	Key  string `json:"key"`
	Text string `json:"text"`
}

// Metric is a number of the week beside that of the week before; null where there is none.
type Metric struct {
	Metric string   `json:"metric"`
	Value  *float64 `json:"value"`
	Sample int      `json:"sample_size"`
	Low    *float64 `json:"low"`
	High   *float64 `json:"high"`
	Before *float64 `json:"before"`
}

// FollowUps is what is open, and what to chase: the most overdue first.
type FollowUps struct {
	Open    int        `json:"open"`
	Overdue int        `json:"overdue"`
	Chase   []FollowUp `json:"chase"`
}

// FollowUp is an open follow-up.
type FollowUp struct {
	ID       string     `json:"follow_up_id"`
	Incident string     `json:"incident_reference"`
	Title    string     `json:"title"`
	Team     string     `json:"team,omitempty"`
	Assignee string     `json:"assignee,omitempty"`
	URL      string     `json:"url,omitempty"`
	DueAt    *time.Time `json:"due_at"`
	Overdue  bool       `json:"is_overdue"`
	When     string     `json:"when"` // in words
}

// Make makes the digest of the last week that was over as of the build. publicURL is where the dashboard is, "" if nowhere.
func Make(ctx context.Context, sheet *web.Sheet, publicURL string) (*Digest, error) {
	words, err := report.LoadWords(sheet.Language())
	if err != nil {
		return nil, err
	}
	p, err := report.ParsePeriod(report.LastWeek, sheet.AsOfDate, sheet.Week)
	if err != nil {
		return nil, err
	}
	w := writer{Words: words, sheet: sheet, name: words.Say("digest_before")}
	week := p.Range()
	found, err := sheet.Ask(ctx, week, "open_incidents", "follow_up_ages", "reminders")
	if err != nil {
		return nil, fmt.Errorf("digest: %w", err)
	}
	week.From = p.Before // the trend is of this week and the one before
	trend, err := sheet.Ask(ctx, week, "trend", "key_trend")
	if err != nil {
		return nil, fmt.Errorf("digest: %w", err)
	}
	w.read(trend, p)
	w.chase(found["follow_up_ages"], found["reminders"])
	d := &Digest{
		Kind: "fourfold.digest", Version: 1, Build: sheet.ID, AsOf: sheet.AsOf.UTC(), Timezone: sheet.Zone.String(), Language: sheet.Language(),
		From: p.Start.Format(time.DateOnly), To: p.End.Format(time.DateOnly),
		Title:    w.Say("digest_title", "period", sheet.PeriodLabel("week", p.Start)),
		Compared: w.Say("digest_compared", "period", sheet.PeriodName("week", p.Before), "zone", sheet.ZoneName(), "time", sheet.Instant(sheet.AsOf)),
		Open:     len(found["open_incidents"].Rows), FollowUps: w.followUps, URL: publicURL,
	}
	d.Lines = w.lines(d.Open)
	d.Metrics = w.metrics()
	d.words.chase = w.Say("digest_chase")
	if n := w.followUps.Open - len(w.followUps.Chase); n > 0 {
		d.words.more = w.Say("digest_more", "n", sheet.Count(n))
	}
	if publicURL != "" {
		d.words.link = w.Say("digest_link", "url", publicURL)
	}
	return d, nil
}

// Text is the digest as plain text, for people who look at it before it is sent.
func (d *Digest) Text() string {
	var b strings.Builder
	b.WriteString(d.Title + "\n" + d.Compared + "\n\n")
	for _, l := range d.Lines {
		b.WriteString(oneLine(l.Text) + "\n")
	}
	if len(d.FollowUps.Chase) > 0 {
		b.WriteString("\n" + d.words.chase + "\n")
	}
	for _, f := range d.FollowUps.Chase {
		b.WriteString("- " + f.words(oneLine))
		if f.URL != "" {
			b.WriteString(" " + f.URL)
		}
		b.WriteByte('\n')
	}
	if d.words.more != "" && len(d.FollowUps.Chase) > 0 {
		b.WriteString(d.words.more + "\n")
	}
	if d.words.link != "" {
		b.WriteString("\n" + d.words.link + "\n")
	}
	return b.String()
}

// words is a follow-up on one line, its words made safe for where they go.
func (f FollowUp) words(safe func(string) string) string {
	parts := []string{safe(clip(f.Title, 120))}
	for _, s := range []string{f.Incident, f.Team, f.When} {
		if s != "" {
			parts = append(parts, safe(clip(s, 60)))
		}
	}
	return strings.Join(parts, " · ")
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// clip shortens a text to some letters.
func clip(s string, most int) string {
	s = oneLine(s)
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
