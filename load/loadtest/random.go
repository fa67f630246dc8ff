package loadtest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"fourfold/load"
)

// seeds is the number of random histories, unless the harness says otherwise. They share a warehouse and differ by the prefix
// of their ids.
const seeds = 60

func (h Harness) seeds() int {
	if h.Seeds > 0 {
		return h.Seeds
	}
	return seeds
}

var random = []promise{
	{"any batches in any order give the present state of one load", func(w *world) {
		type answer struct {
			id, name, updated string
		}
		for seed := range uint64(w.h.seeds()) {
			r := rand.New(rand.NewPCG(seed, 5))
			var history []answer
			for i := range 1 + r.IntN(6) {
				for _, v := range r.Perm(20)[:1+r.IntN(5)] {
					at := time.Date(2026, 1, 1, 0, 0, v, 0, time.UTC).Format(time.RFC3339)
					history = append(history, answer{fmt.Sprintf("%02d-%d", seed, i), fmt.Sprintf("v%02d", v), at})
				}
			}
			var whole []object
			for _, a := range history {
				whole = append(whole, severity("one-"+a.id, a.name, a.updated))
			}
			w.land(severities, load.Append{}, whole...)
			deliveries := append([]answer(nil), history...)
			for range r.IntN(len(history) + 1) { // replays
				deliveries = append(deliveries, history[r.IntN(len(history))])
			}
			r.Shuffle(len(deliveries), func(i, j int) { deliveries[i], deliveries[j] = deliveries[j], deliveries[i] })
			for len(deliveries) > 0 {
				n := 1 + r.IntN(len(deliveries))
				var some []object
				for _, a := range deliveries[:n] {
					some = append(some, severity("any-"+a.id, a.name, a.updated))
				}
				deliveries = deliveries[n:]
				w.land(severities, load.Append{}, some...)
				if r.IntN(2) == 0 {
					w.begin()
				}
			}
		}
		one, other := map[string]string{}, map[string]string{}
		for id, name := range w.live(severities) {
			if id[:4] == "one-" {
				one[id[4:]] = name
			} else {
				other[id[4:]] = name
			}
		}
		w.same("present state", other, one)
		seen := map[string]bool{}
		for _, v := range w.ledger(severities) {
			if key := v.ID + " " + v.Hash; seen[key] {
				w.t.Errorf("%s, %s is twice in the ledger", v.ID, v.Name)
			} else {
				seen[key] = true
			}
		}
	}},
	{"random runs with deletions leave what a simple model says", func(w *world) {
		r := rand.New(rand.NewPCG(7, 5))
		model := map[string]string{} // id of a live update: its incident
		for range w.h.seeds() {
			w.begin()
			switch r.IntN(3) {
			case 0: // some updates of any incidents
				var some []object
				for range 1 + r.IntN(4) {
					id := fmt.Sprintf("u%d", r.IntN(12))
					parent := fmt.Sprintf("i%d", id[1]%3)
					some = append(some, update(id, parent))
					model[id] = parent
				}
				w.land(updates, load.Append{}, some...)
			case 1: // all updates of one incident, one of them missing
				parent := fmt.Sprintf("i%d", r.IntN(3))
				var rest []object
				for _, id := range sortedKeys(model) {
					if model[id] == parent && r.IntN(3) > 0 {
						rest = append(rest, update(id, parent))
					} else if model[id] == parent {
						delete(model, id)
					}
				}
				w.land(updates, load.Append{Complete: []string{parent}}, rest...)
			case 2: // all updates, in two batches with another run between them
				var rest []object
				for _, id := range sortedKeys(model) {
					if r.IntN(4) > 0 {
						rest = append(rest, update(id, model[id]))
					} else {
						delete(model, id)
					}
				}
				cut := r.IntN(len(rest) + 1)
				w.land(updates, load.Append{Begin: true, Marks: true}, rest[:cut]...)
				w.begin()
				w.land(updates, load.Append{Marks: true, Sweep: sweep()}, rest[cut:]...)
			}
			want := map[string]string{}
			for id := range model {
				want[id] = id
			}
			w.same("live", w.live(updates), want)
		}
	}},
}
