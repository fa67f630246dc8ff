package bigquery

import (
	"context"
	"maps"
	"slices"
	"time"
)

// Mark says in one word what the ledgers hold: it changes when a version or a tombstone is added, or when the last run of a
// stream ended otherwise than the one before. Latest is the newest observation, zero where there is none. It is neither a
// query nor a job.
func Mark(ctx context.Context, c *Client) (mark string, latest time.Time, err error) {
	st, _, err := c.state(ctx)
	if err != nil {
		return "", time.Time{}, err
	}
	if st.Import != nil {
		return "", time.Time{}, unfinished(c)
	}
	cursors, err := c.cursors(ctx)
	if err != nil {
		return "", time.Time{}, err
	}
	parts := []string{markOf(cursors)}
	for _, stream := range slices.Sorted(maps.Keys(st.Ended)) {
		parts = append(parts, stream, st.Ended[stream])
	}
	for _, x := range cursors {
		if x.landedAt.After(latest) {
			latest = x.landedAt.UTC()
		}
	}
	return digest(parts...), latest, nil
}
