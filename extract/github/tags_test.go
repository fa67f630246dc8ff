package github

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fourfold/extract"
	fake "fourfold/internal/fake/github"
	"fourfold/transform"
)

// tagsOf gives the commits that the live tags of a repository point at, and when they were made, by name.
func (w *world) tagsOf(name string) map[string]string {
	out := map[string]string{}
	for _, v := range w.table(transform.GithubTags) {
		if v.columns["repository_id"] == fmt.Sprint(w.org.Repository(name).ID) {
			out[v.columns["name"]] = v.columns["sha"] + " " + v.columns["tagged_at"]
		}
	}
	return out
}

func TestTagsLandWithTheCommitsThatTheyPointAtAndGoWhenTheyGo(t *testing.T) {
	eachWay(t, func(t *testing.T, way func(*Options), _ bool) {
		w, _ := withCommits(t, fake.Small(), []string{"acme/api", "acme/web"}, way)
		w.only = append(w.only, "tags")
		w.mustRun()
		r := w.org.Repository("acme/api")
		before := w.tagsOf("acme/api")
		lightweight, annotated := before["v1.0.0"], before["v1.1.0"]
		if len(before) != 2 || len(lightweight) != 41 || len(annotated) < 42 || r.CommitObject(annotated[:40]) == nil {
			t.Fatalf("tags %v", before)
		}
		versions := w.memory.versions
		w.clock.Advance(time.Hour)
		w.mustRun()
		if w.memory.versions != versions || w.pages["tags"] > 0 {
			t.Errorf("unchanged: %d versions more in %d pages", w.memory.versions-versions, w.pages["tags"])
		}
		w.edit(func(*fake.Organisation) {
			r.DeleteTag("v1.1.0")
			r.Tag("v1.0.0", r.Pull(1).MergeOID)
			r.Tag("リリース/1", r.Head("main"))
		})
		w.clock.Advance(time.Hour)
		w.mustRun()
		want := map[string]string{"v1.0.0": r.Pull(1).MergeOID + " ", "リリース/1": r.Head("main") + " "}
		if diff := cmp.Diff(want, w.tagsOf("acme/api")); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTagsReadAloneFetchForThemselves(t *testing.T) {
	w, _ := withCommits(t, fake.Small(), []string{"acme/api"})
	w.only = []string{"tags"}
	w.mustRun()
	if got := w.tagsOf("acme/api"); len(got) != 2 {
		t.Errorf("tags %v", got)
	}
}

func TestWhatKeptAMirrorFromBeingFetchedIsSaidOnce(t *testing.T) {
	w, _ := withCommits(t, fake.Small(), []string{"acme/api", "acme/web"})
	w.only = append(w.only, "tags")
	w.server.Inject(fake.On{Path: "/acme/api.git/*", Times: -1}, fake.Answer(403, "no"))
	w.run()
	w.failed("commits", extract.ErrPartial, "acme/api")
	if err := w.errs["tags"]; err != nil {
		t.Errorf("said again: %v", err)
	}
	if len(w.tagsOf("acme/api")) != 0 {
		t.Error("tags of a mirror that was not fetched")
	}
}
