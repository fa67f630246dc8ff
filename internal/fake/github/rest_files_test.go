package github

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTheFilesOfACommitComeInPagesOfThreeHundredUpToThreeThousand(t *testing.T) {
	for n, want := range map[int][]int{0: {0}, 3: {3}, 300: {300}, 301: {300, 1}, 3100: {300, 300, 300, 300, 300, 300, 300, 300, 300, 300}} {
		o := NewOrganisation("acme")
		r := o.AddRepository(RepositorySpec{Name: "api"})
		files := map[string]string{}
		for k := range n {
			files[fmt.Sprintf("d%d/f%d", k/100, k)] = "x"
		}
		sha := r.Commit(CommitSpec{AuthoredAt: time.Unix(1_700_000_000, 0), Message: "Import", Files: files})
		r.Branch("main", sha)
		c := newClient(t, NewServer(o))
		var got []int
		seen := map[string]bool{}
		for page := 1; ; page++ {
			w := c.get(fmt.Sprintf("/repos/acme/api/commits/%s?page=%d", sha, page))
			answer := c.read(fmt.Sprintf("/repos/acme/api/commits/%s?page=%d", sha, page))
			list := dig(answer, "files").([]any)
			for _, f := range list {
				seen[dig(f, "filename").(string)] = true
			}
			got = append(got, len(list))
			if dig(answer, "sha") != sha || dig(answer, "stats", "additions") != float64(n) {
				t.Errorf("page %d of %d files: %v of %v", page, n, dig(answer, "stats"), dig(answer, "sha"))
			}
			if !strings.Contains(w.Header().Get("Link"), `rel="next"`) {
				break
			}
		}
		if diff := cmp.Diff(want, got); diff != "" || len(seen) != min(n, 3000) {
			t.Errorf("%d files: %d of them in pages (-want +got):\n%s", n, len(seen), diff)
		}
	}
}

func TestAFileThatWasRenamedIsOneChangeWithItsNameOfBefore(t *testing.T) {
	o := NewOrganisation("acme")
	r := o.AddRepository(RepositorySpec{Name: "api"})
	at := time.Unix(1_700_000_000, 0)
	one := r.Commit(CommitSpec{AuthoredAt: at, Message: "One", Files: map[string]string{"a/one": "1\n", "two": "2\n", "gone": "3\n"}})
	two := r.Commit(CommitSpec{Parents: []string{one}, AuthoredAt: at, Message: "Two", Files: map[string]string{"b/one": "1\n", "two": "2\n\n"}, Remove: []string{"a/one", "gone"}})
	r.Branch("main", two)
	c := newClient(t, NewServer(o))
	var got []string
	for _, f := range dig(c.read("/repos/acme/api/commits/"+two), "files").([]any) {
		previous, _ := f.(object)["previous_filename"].(string)
		got = append(got, fmt.Sprintf("%v %v %s+%v-%v", dig(f, "status"), dig(f, "filename"), previous, dig(f, "additions"), dig(f, "deletions")))
	}
	want := []string{"renamed b/one a/one+0-0", "removed gone +0-1", "modified two +1-0"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for path, n := range map[string]int{"a": 2, "b": 1, "two": 2, "c": 0} {
		if list := c.read("/repos/acme/api/commits?path=" + path).([]any); len(list) != n {
			t.Errorf("%d commits touch %s, want %d", len(list), path, n)
		}
	}
}
