package config

import (
	"fmt"
	"slices"
	"strings"
)

// suggest says which known name was probably meant.
func suggest(name string, known []string) string {
	best, distance := nearest(name, known)
	switch {
	case best == "":
		return "there is none to choose from"
	case distance <= max(2, len(best)/3):
		return fmt.Sprintf("did you mean %q?", best)
	case len(known) == 1:
		return fmt.Sprintf("the only one there is is %q", best)
	}
	return fmt.Sprintf("the nearest is %q, of %s", best, strings.Join(known, ", "))
}

// nearest gives the known name that the fewest edits turn name into, the first of equals, and how many.
func nearest(name string, known []string) (best string, distance int) {
	distance = -1
	for _, candidate := range known {
		if d := edits(name, candidate); distance < 0 || d < distance {
			best, distance = candidate, d
		}
	}
	return best, distance
}

// edits counts the letters to insert, delete, replace or swap with their neighbour, regardless of case. Only the
// beginning of a very long name is looked at.
func edits(a, b string) int {
	const enough = 64
	s, t := []rune(strings.ToLower(a)), []rune(strings.ToLower(b))
	s, t = s[:min(len(s), enough)], t[:min(len(t), enough)]
	before, last, row := []int(nil), make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(s); i++ {
		row[0] = i
		for j := 1; j <= len(t); j++ {
			change := last[j-1]
			if s[i-1] != t[j-1] {
				change++
			}
			row[j] = min(change, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, slices.Clone(last)
	}
	return last[len(t)]
}
