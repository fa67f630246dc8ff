package mirror

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Tag is a tag of a commit.
type Tag struct {
	Name string
	SHA  string    // the commit
	At   time.Time // when it was made, UTC; zero of a lightweight tag
}

// Tags gives the tags of commits in the order of their names. A tag of something that is no commit is left out.
func (r *Mirror) Tags(ctx context.Context) ([]Tag, error) {
	out, err := r.run(ctx, r.dir, settings(), nil, "for-each-ref", "--format=%(objectname) %(taggerdate:unix) %(refname:lstrip=2)", "refs/tags")
	if err != nil {
		return nil, err
	}
	var tags []Tag
	var objects []string
	for line := range strings.Lines(string(out)) {
		object, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		at, name, ok := strings.Cut(rest, " ") // a name has no blank
		if !ok {
			return nil, fmt.Errorf("%w: git lists a tag of %s as %q", errCorrupt, r.name, line)
		}
		t := Tag{Name: strings.ToValidUTF8(name, "\uFFFD")}
		if seconds, err := strconv.ParseInt(at, 10, 64); err == nil {
			t.At = time.Unix(seconds, 0).UTC()
		}
		tags, objects = append(tags, t), append(objects, object)
	}
	commits, err := r.commitsOf(ctx, objects)
	if err != nil {
		return nil, err
	}
	known := tags[:0]
	for i, t := range tags {
		if t.SHA = commits[objects[i]]; t.SHA != "" {
			known = append(known, t)
		}
	}
	return known, nil
}
