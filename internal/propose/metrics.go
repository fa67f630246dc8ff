package propose

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// point is a timestamp of the defaults, and words that are in the names of what means the same elsewhere.
type point struct {
	name  string
	words []string
}

// The lists that have defaults; names without words are reserved ones, which every incident can have.
var (
	startPoints = []point{
		{"Impact started", []string{"impact start", "impact began", "start of impact", "started", "影響開始", "発生"}},
		{"Declared at", []string{"declared", "宣言"}},
		{"Reported at", []string{"reported", "detected", "raised", "検知", "検出", "報告"}},
		{"created_at", nil},
	}
	endPoints = []point{
		{"Fixed at", []string{"fixed", "mitigated", "修正", "復旧", "緩和"}},
		{"Resolved at", []string{"resolved", "restored", "recovered", "解決", "復旧"}},
		{"left_live", nil},
		{"Closed at", []string{"closed", "クローズ", "完了"}},
	}
	acknowledgePoints = []point{
		{"Accepted at", []string{"accepted", "acknowledged", "responded", "受付", "着手", "対応開始"}},
		{"entered_live", nil},
	}
)

// choose replaces the names of a list that an account does not have by the nearest ones that it has.
func choose(points []point, there []string) (names, notes []string) {
	for _, p := range points {
		if len(p.words) == 0 {
			names = append(names, p.name)
			continue
		}
		at := slices.IndexFunc(there, func(t string) bool { return strings.EqualFold(strings.TrimSpace(t), p.name) })
		if at >= 0 {
			names = append(names, there[at])
			continue
		}
		near := nearest(p, points, there, names)
		if near == "" {
			notes = append(notes, fmt.Sprintf("%q is not there", p.name))
			continue
		}
		names = append(names, near)
		notes = append(notes, fmt.Sprintf("%q is not there, %q is the nearest", p.name, near))
	}
	return names, notes
}

// nearest is the first timestamp with one of the words, the likeliest word first, that the list has no other use for.
func nearest(p point, points []point, there, used []string) string {
	for _, word := range p.words {
		for _, t := range there {
			name := strings.ToLower(t)
			isOther := slices.ContainsFunc(points, func(o point) bool { return o.name != p.name && strings.EqualFold(o.name, strings.TrimSpace(t)) })
			if strings.Contains(name, word) && !isOther && !slices.Contains(used, t) {
				return t
			}
		}
	}
	return ""
}

// metrics proposes the timestamps, the field for causes, and says what severities there are.
func (f *file) metrics(a *account) {
	if a == nil {
		return
	}
	if len(a.timestamps) > 0 {
		for _, l := range []struct {
			indent, key string
			points      []point
		}{{"    ", "start:", startPoints}, {"    ", "end:", endPoints}, {"  ", "acknowledge:", acknowledgePoints}} {
			names, notes := choose(l.points, a.timestamps)
			if l.key == "start:" {
				f.before(l.indent+l.key, comment(l.indent, "from incident.io: its timestamps are "+some(a.timestamps, 20))...)
			}
			if len(notes) > 0 {
				f.before(l.indent+l.key, comment(l.indent, "from incident.io: "+strings.Join(notes, "; "))...)
			}
			f.set(l.indent+l.key, list(names))
		}
	}
	if len(a.severities) > 0 {
		f.before("    severities_from:", comment("    ", "from incident.io: severities, the least severe first: "+some(a.severities, 20))...)
	}
	field, note := causeField(a.fields)
	if note != "" {
		f.before("  cause_field:", comment("  ", note)...)
	}
	if field != "" {
		f.set("  cause_field:", quote(field))
	}
}

// causeField finds the field that names what caused an incident: one that people write into, or that the catalog fills
// with deployments or releases. Options of its own, as Deployment or Capacity, say a kind and name nothing.
func causeField(fields []field) (name, note string) {
	for _, words := range causeWords {
		for _, f := range fields {
			switch {
			case !words.MatchString(f.Name):
			case f.Type == "text" || f.Type == "link":
				return f.Name, fmt.Sprintf("from incident.io: %q is a %s field that looks as if it named what caused an incident", f.Name, f.Type)
			case f.catalog != nil && slices.ContainsFunc(causeWords[1:4], func(w *regexp.Regexp) bool { return w.MatchString(f.catalog.Name) }):
				return f.Name, fmt.Sprintf("from incident.io: %q is filled by the catalog type %q", f.Name, f.catalog.Name)
			case note == "":
				note = fmt.Sprintf("from incident.io: %q looks like it, but it is a %s field, which cannot name a deployment", f.Name, strings.ReplaceAll(f.Type, "_", " "))
			}
		}
	}
	return "", note
}
