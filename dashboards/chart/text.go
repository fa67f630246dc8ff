package chart

import (
	"strings"
	"unicode"
)

// wide says whether a letter takes twice the room of a Latin one: Chinese, Japanese, Korean, full-width forms and emoji.
func wide(r rune) bool {
	return r >= 0x1100 && r <= 0x115f || r >= 0x2e80 && r <= 0xa4cf || r >= 0xac00 && r <= 0xd7a3 || r >= 0xf900 && r <= 0xfaff ||
		r >= 0xfe30 && r <= 0xfe6f || r >= 0xff00 && r <= 0xff60 || r >= 0xffe0 && r <= 0xffe6 || r >= 0x1f300 && r <= 0x1faff || r >= 0x20000
}

// textWidth is about how wide words are in letters of px pixels; no font is at hand to measure, so it errs to the wide side.
func textWidth(s string, px float64) float64 {
	w := 0.0
	for _, r := range s {
		switch {
		case wide(r):
			w++
		case unicode.Is(unicode.Mn, r) || r == '\u200b' || r == '\u200d':
		case strings.ContainsRune("iljI.,:;|!'()[] \u00a0tfr-", r):
			w += .36
		case strings.ContainsRune("mwMW%—…", r):
			w += .9
		case r >= 'A' && r <= 'Z':
			w += .69
		default:
			w += .58
		}
	}
	return w * px
}

// roughWidth is about how wide a bold label of an axis is.
func roughWidth(s string) float64 {
	w := 0.0
	for _, r := range s {
		w += 7
		if wide(r) {
			w += 5
		}
	}
	return w
}

// Clip shortens a name that would run into the chart; the table has it in full. Wide letters count twice.
func Clip(s string, columns int) string {
	used := 0
	for i, r := range s {
		used++
		if wide(r) {
			used++
		}
		if used > columns {
			return s[:i] + "…"
		}
	}
	return s
}

// fit shortens words to a width in pixels, and says whether it had to.
func fit(s string, px, width float64) (string, bool) {
	if textWidth(s, px) <= width {
		return s, false
	}
	width -= textWidth("…", px)
	used := 0.0
	for i, r := range s {
		used += textWidth(string(r), px)
		if used > width {
			return strings.TrimRight(s[:i], " ") + "…", true
		}
	}
	return s, false
}

// wrap breaks words into lines of a width: at spaces, and where there are none, between wide letters. The last line that is
// allowed is shortened.
func wrap(s string, px, width float64, most int) []string {
	var lines []string
	rest := strings.TrimSpace(s)
	for rest != "" {
		if len(lines) == most-1 || textWidth(rest, px) <= width {
			line, _ := fit(rest, px, width)
			return append(lines, line)
		}
		used, at := 0.0, 0
		for i, r := range rest {
			if i > 0 && (r == ' ' || wide(r)) {
				at = i
			}
			if used += textWidth(string(r), px); used > width {
				break
			}
		}
		if at == 0 {
			line, _ := fit(rest, px, width)
			return append(lines, line)
		}
		lines, rest = append(lines, strings.TrimSpace(rest[:at])), strings.TrimSpace(rest[at:])
	}
	return lines
}
