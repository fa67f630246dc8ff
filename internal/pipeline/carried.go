package pipeline

import (
	"context"
	"encoding/json"
	"time"

	"fourfold/load"
)

// wholeEvery is how often at least a build begins from nothing: what was changed in the ledgers by hand is seen then.
const wholeEvery = 7 * 24 * time.Hour

// wholeBuild is the build that tables which builds go on from were made by, from nothing.
type wholeBuild struct {
	At      time.Time `json:"at"`
	Version string    `json:"version"` // of the program: another may want something else of the ledgers
	Ledgers string    `json:"ledgers"` // their id
}

// goesOn reports whether a build goes on from those before it: from one of the same ledgers and version, of this week. next is
// what is to be known of it if it does not.
func (b *Build) goesOn(ctx context.Context, target load.Target, at time.Time) (ok bool, next wholeBuild, err error) {
	next = wholeBuild{At: at, Version: b.Version, Ledgers: target.Carries}
	text, err := b.Builds.Carried(ctx)
	if err != nil || len(text) == 0 {
		return false, next, err
	}
	var last wholeBuild
	_ = json.Unmarshal(text, &last) // what somebody else has written there is no build's
	return last.Version == next.Version && last.Ledgers == next.Ledgers && at.Sub(last.At) < wholeEvery, next, nil
}

// run runs dbt in what was prepared. Nothing is known of its tables while a build begins from nothing, and after one that failed.
func (b *Build) run(ctx context.Context, d dbt, target load.Target, wanted BuildStatus, req BuildRequest) error {
	args := []string{"build", "--exclude-resource-type", "unit_test"}
	if target.Carries == "" {
		return d.run(ctx, args...)
	}
	ok, next, err := b.goesOn(ctx, target, wanted.BuiltAt)
	if err != nil {
		return err
	}
	if ok && !req.Force {
		return d.run(ctx, args...)
	}
	if err := b.Builds.Carry(ctx, nil); err != nil {
		return err
	}
	if err := d.run(ctx, append(args, "--full-refresh")...); err != nil {
		return err
	}
	note, err := json.Marshal(next)
	if err != nil {
		return err
	}
	return b.Builds.Carry(ctx, note)
}
