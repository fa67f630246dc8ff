package bigquery

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"cloud.google.com/go/bigquery"
)

// leaseFor is how long whoever builds in a dataset has it to himself without saying so again. One that was killed keeps
// others waiting no longer than that.
const leaseFor = 5 * time.Minute

// renewal is how often he says so again.
var renewal = leaseFor / 4

// lease is who is building in a dataset. It is in the dataset's description: taking it is neither a query nor a job.
type lease struct {
	Build string    `json:"build"`
	Until time.Time `json:"until"`
}

// held is a lease that is renewed until it is released, or until another build is found to have it.
type held struct {
	c           *Client
	dataset, id string
	until       func(context.Context) context.Context // that long, and with why as its cause
	end         context.CancelCauseFunc
	renewed     sync.WaitGroup
	clock       func() time.Time
}

// takenError says that another build has a dataset.
type takenError struct{ dataset, id, by string }

func (e *takenError) Error() string {
	return fmt.Sprintf("bigquery: dataset %s: another build (%s) began in it while build %s was not heard of: nothing of this one is published",
		e.dataset, cmp.Or(e.by, "which has ended"), e.id)
}

// hold takes a dataset to build in.
func (c *Client) hold(ctx context.Context, dataset, id string, clock func() time.Time) (*held, error) {
	h := &held{c: c, dataset: dataset, id: id, clock: clock}
	err := h.change(ctx, func(now lease) (lease, error) {
		if now.Build != "" && now.Build != id && now.Until.After(clock()) {
			return lease{}, fmt.Errorf("bigquery: dataset %s: build %s is at work in it, on this machine or another: wait for it (if it was killed, until %s)",
				dataset, now.Build, now.Until.UTC().Format(time.RFC3339))
		}
		return lease{id, clock().Add(leaseFor).UTC()}, nil
	})
	if err != nil {
		return nil, err
	}
	ctx, h.end = context.WithCancelCause(context.WithoutCancel(ctx))
	h.until = func(outer context.Context) context.Context {
		inner, cancel := context.WithCancelCause(outer)
		context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })
		return inner
	}
	between := renewal
	h.renewed.Go(func() { h.renew(ctx, between) })
	return h, nil
}

// renew says again and again that the dataset is held. What it cannot learn now it asks later; whoever publishes looks again.
func (h *held) renew(ctx context.Context, between time.Duration) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(between):
		}
		var taken *takenError
		if err := h.check(ctx); errors.As(err, &taken) {
			h.end(err)
			return
		}
	}
}

// check makes sure that the dataset is still held, and says so again.
func (h *held) check(ctx context.Context) error {
	return h.change(ctx, func(now lease) (lease, error) {
		if now.Build != h.id {
			return lease{}, &takenError{dataset: h.dataset, id: h.id, by: now.Build}
		}
		return lease{h.id, h.clock().Add(leaseFor).UTC()}, nil
	})
}

// release lets others build.
func (h *held) release(ctx context.Context) error {
	h.end(nil)
	h.renewed.Wait()
	return h.change(ctx, func(now lease) (lease, error) {
		if now.Build != h.id {
			return now, nil
		}
		return lease{}, nil
	})
}

func (h *held) change(ctx context.Context, next func(lease) (lease, error)) error {
	return changeNote(ctx, h.c, h.dataset, "hold dataset "+h.dataset, func(now lease) (lease, bool, error) {
		then, err := next(now)
		return then, then != now, err
	})
}

// changeNote changes what the description of a dataset says in JSON, behind what it says to people. If somebody else has
// changed it meanwhile it is read anew.
func changeNote[T any](ctx context.Context, c *Client, dataset, doing string, next func(T) (T, bool, error)) error {
	for range attempts {
		md, now, err := readNote[T](ctx, c, dataset, doing)
		if err != nil {
			return err
		}
		then, changed, err := next(now)
		if err != nil || !changed {
			return err
		}
		note, err := json.Marshal(then)
		if err != nil {
			return err
		}
		text, _, _ := cutState(md.Description)
		err = c.call(ctx, doing, func(ctx context.Context) error {
			_, err := c.bq.Dataset(dataset).Update(ctx, bigquery.DatasetMetadataToUpdate{Description: text + stateMark + string(note)}, md.ETag)
			return err
		})
		if !isStatus(err, http.StatusPreconditionFailed) {
			return err
		}
	}
	return fmt.Errorf("bigquery: %s: others change it all the time: is another program at work?", doing)
}

// readNote reads what the description of a dataset says in JSON.
func readNote[T any](ctx context.Context, c *Client, dataset, doing string) (*bigquery.DatasetMetadata, T, error) {
	var now T
	var md *bigquery.DatasetMetadata
	err := c.call(ctx, doing, func(ctx context.Context) (err error) {
		md, err = c.bq.Dataset(dataset).Metadata(ctx)
		return err
	})
	if err != nil {
		return nil, now, err
	}
	if _, rest, found := cutState(md.Description); found {
		if err := json.Unmarshal([]byte(rest), &now); err != nil {
			return nil, now, fmt.Errorf("bigquery: %s: the description of dataset %s was changed by hand: %w: remove what follows %q", doing, dataset, err, stateMark)
		}
	}
	return md, now, nil
}
