package digest

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits of what receives a digest.
const (
	slackHeader  = 150  // characters of a header block
	slackSection = 3000 // characters of the text of a section
	slackText    = 3000 // characters of the text beside the blocks, which notifications show
	chatText     = 4000 // bytes of a text of Google Chat, which takes 4,096
)

// slackMessage is a message with blocks for an incoming webhook of Slack; text is what notifications and screen readers have.
func slackMessage(d *Digest) ([]byte, error) {
	type text struct {
		Type string `json:"type"`
		Text string `json:"text"`
	}
	type block struct {
		Type     string `json:"type"`
		Text     *text  `json:"text,omitempty"`
		Elements []text `json:"elements,omitempty"`
	}
	section := func(lines ...string) block {
		return block{Type: "section", Text: &text{"mrkdwn", fit(lines, slackSection, utf8.RuneCountInString)}}
	}
	blocks := []block{
		{Type: "header", Text: &text{"plain_text", clip(d.Title, slackHeader)}},
		{Type: "context", Elements: []text{{"mrkdwn", forSlack(clip(d.Compared, 500))}}},
	}
	var lines []string
	for _, l := range d.Lines {
		lines = append(lines, "• "+forSlack(oneLine(l.Text)))
	}
	blocks = append(blocks, section(lines...))
	if len(d.FollowUps.Chase) > 0 {
		blocks = append(blocks, section(d.chaseLines(forSlack, slackLink)...))
	}
	if d.URL != "" {
		blocks = append(blocks, block{Type: "context", Elements: []text{{"mrkdwn", forSlack(d.words.link)}}})
	}
	return encode(map[string]any{"text": fit(append([]string{forSlack(oneLine(d.Title))}, lines...), slackText, utf8.RuneCountInString), "blocks": blocks})
}

// chatMessage is a text for an incoming webhook of Google Chat.
func chatMessage(d *Digest) ([]byte, error) {
	lines := []string{"*" + forChat(oneLine(d.Title)) + "*", forChat(oneLine(d.Compared))}
	for _, l := range d.Lines {
		lines = append(lines, "• "+forChat(oneLine(l.Text)))
	}
	if len(d.FollowUps.Chase) > 0 {
		lines = append(append(lines, ""), d.chaseLines(forChat, chatLink)...)
	}
	if d.URL != "" {
		lines = append(lines, "", forChat(d.words.link))
	}
	return encode(map[string]string{"text": fit(lines, chatText, func(s string) int { return len(s) })})
}

// webhookMessage is the digest itself, as docs/dashboards/report.md describes it.
func webhookMessage(d *Digest) ([]byte, error) {
	return encode(struct {
		*Digest
		Text string `json:"text"`
	}{d, d.Text()})
}

func (d *Digest) chaseLines(safe func(string) string, link func(address, text string) string) []string {
	lines := []string{"*" + safe(d.words.chase) + "*"}
	for _, f := range d.FollowUps.Chase {
		words := f.words(safe)
		if f.URL != "" {
			words = link(f.URL, words)
		}
		lines = append(lines, "• "+words)
	}
	if d.words.more != "" {
		lines = append(lines, safe(d.words.more))
	}
	return lines
}

// look is what the marks of both are made to look like, so that no title of a follow-up makes others bold.
var look = strings.NewReplacer("*", "∗", "~", "∼", "`", "ˋ")

var (
	slackEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	chatEscapes  = strings.NewReplacer("<", "‹", ">", "›")
)

// forSlack is a text in mrkdwn that stays a text: it mentions nobody.
func forSlack(s string) string { return slackEscapes.Replace(look.Replace(s)) }

// forChat is a text for Google Chat, which knows no escapes: what would mention all is written with other brackets.
func forChat(s string) string { return chatEscapes.Replace(look.Replace(s)) }

func slackLink(address, text string) string {
	if a := linkable(address); a != "" {
		return "<" + strings.ReplaceAll(a, "&", "&amp;") + "|" + strings.ReplaceAll(text, "|", "¦") + ">"
	}
	return text
}

func chatLink(address, text string) string {
	if a := linkable(address); a != "" {
		return "<" + a + "|" + strings.ReplaceAll(text, "|", "¦") + ">"
	}
	return text
}

// linkable is an address that ends where the link's mark does; "" for one that would not.
func linkable(address string) string {
	if len(address) > 500 || strings.ContainsAny(address, "<>| \t\r\n") {
		return ""
	}
	return address
}

// fit joins as many whole lines as there is room for: a line that is cut would leave a mark open.
func fit(lines []string, most int, length func(string) int) string {
	out := ""
	for i, line := range lines {
		next := line
		if i > 0 {
			next = out + "\n" + line
		}
		if length(next) > most-2 {
			return out + "\n…"
		}
		out = next
	}
	return out
}

func encode(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("digest: %w", err)
	}
	return b, nil
}
