package truth_test

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"fourfold/internal/truth"
	"fourfold/internal/truth/random"
	"fourfold/transform"
)

// S1: whatever the batches, the order of tables, and what is read twice, and in whatever order versions arrive whose source
// says when each was made, the numbers are those of one sync after the other.
func TestLoadingInAnyBatchesEqualsLoadingAtOnce(t *testing.T) {
	eachSeed(t, 3, 100, func(t *testing.T, seed uint64) {
		w := random.World(seed)
		want := build(t, w).export()
		for n := range uint64(2) {
			r := rand.New(rand.NewPCG(seed, n))
			got := buildAsOf(t, w, rebatched(asObserved(rearranged(w, r)), r), time.Time{}).export()
			sameExport(t, "other batches", want, got)
		}
	})
}

// rebatched cuts what each run saw of a table into batches, reads some records twice, and some of another run again.
func rebatched(landings []landing, r *rand.Rand) []landing {
	var out []landing
	for _, l := range landings {
		cut := landing{l.at, map[string][][]truth.Record{}}
		for _, name := range slices.Sorted(maps.Keys(l.batches)) {
			for _, records := range l.batches[name] {
				for len(records) > 0 {
					n := 1 + r.IntN(len(records))
					cut.batches[name] = append(cut.batches[name], records[:n])
					if r.IntN(3) == 0 {
						cut.batches[name] = append(cut.batches[name], records[:n]) // a retry
					}
					records = records[n:]
				}
			}
		}
		out = append(out, cut)
	}
	return out
}

// rearranged lets the versions of objects whose source says when each was made arrive in another order: each at the time at
// which one of the object's others arrived. Where an object had gone, or was private, in between, its order says something.
func rearranged(w truth.World, r *rand.Rand) truth.World {
	tables := map[string]*transform.Table{}
	for _, t := range transform.All() {
		tables[t.Name] = t
	}
	out := w
	out.Records = map[string][]truth.Record{}
	for _, name := range slices.Sorted(maps.Keys(w.Records)) {
		records := slices.Clone(w.Records[name])
		if tables[name].UpdatedAt != "" {
			shuffleVersions(records, r)
		}
		slices.SortStableFunc(records, func(a, b truth.Record) int { return a.ObservedAt.Compare(b.ObservedAt) })
		out.Records[name] = records
	}
	return out
}

func shuffleVersions(records []truth.Record, r *rand.Rand) {
	places := map[string][]int{}
	fixed := map[string]bool{}
	made := map[string]map[string]string{} // by object and time the version
	for n, record := range records {
		var o struct {
			ID      string
			Updated string `json:"updated_at"`
			Other   string `json:"updatedAt"`
		}
		if err := json.Unmarshal(record.JSON, &o); err != nil {
			panic(err) // the generator's own
		}
		at := o.Updated + o.Other
		if made[o.ID] == nil {
			made[o.ID] = map[string]string{}
		}
		if text, twice := made[o.ID][at]; record.Deleted || record.Private || twice && text != string(record.JSON) {
			fixed[o.ID] = true // of versions of one time the last to arrive counts
		}
		made[o.ID][at] = string(record.JSON)
		places[o.ID] = append(places[o.ID], n)
	}
	for _, id := range slices.Sorted(maps.Keys(places)) {
		at := places[id]
		if len(at) < 2 || fixed[id] {
			continue
		}
		r.Shuffle(len(at), func(i, j int) {
			a, b := &records[at[i]], &records[at[j]]
			a.JSON, b.JSON = b.JSON, a.JSON
		})
	}
}

// S2: what has gone from a source is in no number after the next build: the marts are those of an organisation that never
// had it.
func TestWhatHasGoneIsInNoNumber(t *testing.T) {
	eachSeed(t, 3, 100, func(t *testing.T, seed uint64) {
		w := random.World(seed)
		r := rand.New(rand.NewPCG(seed, 7))
		last := asObserved(w)
		gone, never := w, w
		gone.Records, never.Records = map[string][]truth.Record{}, map[string][]truth.Record{}
		for _, name := range slices.Sorted(maps.Keys(w.Records)) {
			share := map[string]int{
				"incidentio_incidents": 4, "incidentio_incident_updates": 9, "incidentio_incident_attachments": 4, "incidentio_follow_ups": 4,
				"incidentio_postmortem_documents": 3, "github_deployments": 5, "github_pull_requests": 6, "github_commits": 12, "github_workflow_runs": 4,
				"github_releases": 4, "files_incidents": 3, "files_deployments": 5,
			}[name]
			removed := map[string]bool{}
			for _, record := range w.Records[name] {
				id := objectID(t, record)
				if _, seen := removed[id]; !seen {
					removed[id] = share > 0 && r.IntN(share) == 0
				}
				gone.Records[name] = append(gone.Records[name], record)
				if !removed[id] {
					never.Records[name] = append(never.Records[name], record)
				}
			}
			for _, id := range slices.Sorted(maps.Keys(removed)) {
				if removed[id] {
					text, _ := json.Marshal(map[string]string{"id": id})
					at := last[len(last)-1].at.Add(time.Second)
					gone.Records[name] = append(gone.Records[name], truth.Record{ObservedAt: at, Deleted: true, JSON: text})
				}
			}
		}
		gone.AsOf, never.AsOf = w.AsOf.Add(time.Hour), w.AsOf.Add(time.Hour)
		sameExport(t, "what has gone", build(t, never).export(), build(t, gone).export())
	})
}

// S3: a build as of an earlier time is the build that was made then.
func TestABuildAsOfEqualsTheBuildOfThen(t *testing.T) {
	eachSeed(t, 3, 100, func(t *testing.T, seed uint64) {
		w := random.World(seed)
		all := asObserved(w)
		r := rand.New(rand.NewPCG(seed, 3))
		cut := 1 + r.IntN(len(all)-1)
		at := all[cut-1].at
		if between := all[cut].at.Sub(at); r.IntN(2) == 0 {
			at = at.Add(time.Duration(r.Int64N(int64(between)))).Truncate(time.Microsecond)
		}
		then := w
		then.AsOf = at
		sameExport(t, "as of "+at.Format(time.RFC3339Nano), buildAsOf(t, then, all[:cut], time.Time{}).export(), buildAsOf(t, w, all, at).export())
	})
}
