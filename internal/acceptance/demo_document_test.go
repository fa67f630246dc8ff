package acceptance

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// block is a fenced one of a document.
type block struct {
	kind  string
	lines []string
}

func blocks(t *testing.T, path string) []block {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []block
	open := false
	for _, line := range strings.Split(string(text), "\n") {
		kind, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && !open:
			open, out = true, append(out, block{kind: kind})
		case fence:
			open = false
		case open:
			out[len(out)-1].lines = append(out[len(out)-1].lines, line)
		}
	}
	return out
}

// typed runs a command as a shell has it, with fourfold in its path.
func (w *workplace) typed(command string) string {
	w.t.Helper()
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir, cmd.Env = w.dir, append(slices.Clone(w.env), "PATH="+filepath.Dir(program)+":"+os.Getenv("PATH"))
	out, err := cmd.Output()
	if err != nil {
		w.t.Fatalf("%s: %v", command, err)
	}
	return string(out)
}

// holdsTheDocument runs the commands of docs/explain.md and compares what they say, and reckons what it reckons by hand: each
// equation holds, and what comes out last is the number that the command before it gave.
func holdsTheDocument(t *testing.T, w *workplace) {
	w = &workplace{t: t, dir: w.dir, env: w.env}
	metric, reckoned, commands := "", map[string]float64{}, 0
	for _, b := range blocks(t, filepath.Join("..", "..", "docs", "explain.md")) {
		switch b.kind {
		case "console":
			command, ok := strings.CutPrefix(b.lines[0], "$ ")
			if !ok {
				t.Fatalf("no command in %v", b.lines)
			}
			commands++
			if problem := shortened(b.lines[1:], strings.Split(strings.TrimRight(w.typed(command), "\n"), "\n")); problem != "" {
				t.Errorf("%s: %s", command, problem)
			}
			if strings.Contains(command, "explain metric") && !strings.Contains(command, "_evidence") {
				metric = command
			}
		case "hand":
			for _, line := range b.lines {
				value, err := w.reckon(line)
				if err != nil {
					t.Errorf("%s: %v", line, err)
				}
				reckoned[metric] = value
			}
		}
	}
	if len(reckoned) != 3 || commands < 7 {
		t.Fatalf("%d commands and %v", commands, reckoned)
	}
	for command, by := range reckoned {
		var m struct{ Value float64 }
		if err := json.Unmarshal([]byte(w.typed(command+" --format json")), &m); err != nil {
			t.Fatal(err)
		}
		if math.Abs(m.Value-by) > 1e-6 {
			t.Errorf("%s: %v, and by hand %v", command, m.Value, by)
		}
	}
}

// shortened compares lines with those of an output of which some may be left out, where a line of … stands for them.
func shortened(want, got []string) string {
	var parts [][]string
	for _, line := range want {
		switch {
		case line == "…":
			parts = append(parts, nil)
		case len(parts) == 0:
			parts = append(parts, []string{line})
		default:
			parts[len(parts)-1] = append(parts[len(parts)-1], line)
		}
	}
	whole := len(want) > 0 && want[len(want)-1] != "…"
	at := 0
	for n, part := range parts {
		from := at
		for ; at+len(part) <= len(got); at++ {
			if slices.EqualFunc(part, got[at:at+len(part)], func(a, b string) bool { return a == strings.TrimRight(b, " ") }) {
				break
			}
		}
		if at+len(part) > len(got) || n == 0 && want[0] != "…" && at > 0 {
			return fmt.Sprintf("\n%s\nis not in\n%s", strings.Join(part, "\n"), strings.Join(got[min(from, len(got)):], "\n"))
		}
		at += len(part)
	}
	if whole && at != len(got) {
		return fmt.Sprintf("there is more:\n%s", strings.Join(got[at:], "\n"))
	}
	return ""
}

var (
	equation  = regexp.MustCompile(`^(.+) = ([0-9.]+)( s)?$`)
	clockDiff = regexp.MustCompile(`^([0-9:.]+) - ([0-9:.]+)$`)
)

// reckon evaluates an equation and gives its right side: between two times of day in whole seconds, else to half of the last
// digit that is written.
func (w *workplace) reckon(line string) (float64, error) {
	m := equation.FindStringSubmatch(line)
	if m == nil {
		return 0, fmt.Errorf("is no equation")
	}
	right, err := strconv.ParseFloat(m[2], 64)
	if err != nil {
		return 0, err
	}
	if m[3] != "" {
		times := clockDiff.FindStringSubmatch(m[1])
		if times == nil {
			return 0, fmt.Errorf("seconds are between two times of day")
		}
		end, err := time.Parse("15:04:05", times[1])
		if err != nil {
			return 0, err
		}
		start, err := time.Parse("15:04:05", times[2])
		if err != nil {
			return 0, err
		}
		if got := end.Sub(start).Truncate(time.Second).Seconds(); got != right {
			return 0, fmt.Errorf("it is %v", got)
		}
		return right, nil
	}
	rows := w.query("select cast(" + m[1] + " as double)")
	left, _ := rows[0][0].(float64)
	decimals := 0
	if _, after, has := strings.Cut(m[2], "."); has {
		decimals = len(after)
	}
	if math.Abs(left-right) > 0.5001*math.Pow10(-decimals) {
		return 0, fmt.Errorf("it is %v", left)
	}
	if decimals > 0 {
		right = left
	}
	return right, nil
}

var pageCommand = regexp.MustCompile(`fourfold --config [^ ]+ (explain|sql) [^\n]+`)

// confirmsItsPage types what the page tells to type: each works, and each that is of a number of the page gives that.
func confirmsItsPage(t *testing.T, w *workplace, page string) {
	w = &workplace{t: t, dir: w.dir, env: w.env}
	if n := strings.Count(page, "\n"); n > 62 {
		t.Errorf("the page has %d lines", n)
	}
	shown := map[string]string{} // the value of each key in total
	for _, title := range []string{"Deployment frequency", "Change lead time (median)", "Change failure rate", "Failed deployment recovery time (median)", "Rework rate"} {
		if m := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(title) + `  +(.+?)  +`).FindStringSubmatch(page); m != nil {
			shown[title] = m[1]
		}
	}
	if len(shown) != 5 {
		t.Fatalf("the page shows %v", shown)
	}
	confirmed, commands := 0, 0
	for _, command := range pageCommand.FindAllString(page, -1) {
		command, _, _ = strings.Cut(command, "   # ")
		out := w.typed(command)
		commands++
		if !strings.Contains(command, "explain metric") {
			continue
		}
		title, _, _ := strings.Cut(out, "\n")
		_, title, _ = strings.Cut(title, "  ")
		want, has := shown[title]
		if !has {
			continue
		}
		var m struct{ Value float64 }
		if err := json.Unmarshal([]byte(w.typed(command+" --format json")), &m); err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprintf("%.1f %%", 100*m.Value)
		switch {
		case strings.Contains(want, "per day"):
			got = fmt.Sprintf("%.1f per day", m.Value)
		case strings.Contains(want, " h "):
			got = fmt.Sprintf("%d h %02d m", int(m.Value)/3600, int(m.Value)%3600/60)
		}
		if got != want {
			t.Errorf("%s gives %s, and the page shows %s", command, got, want)
		}
		confirmed++
	}
	if confirmed != 5 || commands < 14 {
		t.Errorf("%d commands, of which %d confirm a key", commands, confirmed)
	}
}
