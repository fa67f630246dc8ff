package extract

import (
	"context"
	"time"
)

// Clock is what tells a client the time and lets it wait, so that tests need no waiting.
type Clock interface {
	Now() time.Time
	// Sleep returns nil after d, or the context's error as soon as it ends.
	Sleep(ctx context.Context, d time.Duration) error
}

// SystemClock is the machine's clock.
type SystemClock struct{}

// Now gives the time in UTC.
func (SystemClock) Now() time.Time { return time.Now().UTC() }

// Sleep waits for d or for the end of the context.
func (SystemClock) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil || d <= 0 {
		return err
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
