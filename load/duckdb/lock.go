package duckdb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// Lock serialises everything that writes to a data directory. It ends with the process, however that ends.
type Lock struct{ file *os.File }

// Holder is who holds the lock.
type Holder struct {
	PID     int       `json:"pid"`
	Command string    `json:"command"`
	Since   time.Time `json:"since"`
}

// ErrLocked says that another run uses the data directory.
var ErrLocked = errors.New("in use by another run")

// Acquire takes the lock of a data directory, which it makes if it is missing. With wait it waits until the context
// ends; otherwise a lock that is held is ErrLocked, with its holder named.
func Acquire(ctx context.Context, dir, command string, wait bool) (*Lock, error) {
	if err := checkPath(dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("data directory %s: %w: choose another with the key `data`", dir, err)
	}
	path := filepath.Join(dir, "lock")
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("data directory %s: %w: choose another with the key `data`", dir, err)
	}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			break
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			file.Close()
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		if !wait {
			defer file.Close()
			return nil, fmt.Errorf("data directory %s is %w: %s: wait for it to end, or give this run another data directory", dir, ErrLocked, holder(file))
		}
		select {
		case <-ctx.Done():
			defer file.Close()
			return nil, fmt.Errorf("data directory %s is %w: %s: %w", dir, ErrLocked, holder(file), ctx.Err())
		case <-tick.C:
		}
	}
	text, err := json.Marshal(Holder{os.Getpid(), command, time.Now().UTC().Truncate(time.Second)})
	if err == nil {
		err = file.Truncate(0)
	}
	if err == nil {
		_, err = file.WriteAt(text, 0)
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return &Lock{file}, nil
}

// holder says in words who holds the lock.
func holder(file *os.File) string {
	var h Holder
	if err := json.NewDecoder(file).Decode(&h); err != nil {
		return "it has not said who it is"
	}
	return fmt.Sprintf("process %d (fourfold %s, since %s)", h.PID, h.Command, h.Since.Format(time.RFC3339))
}

// Release gives the lock back.
func (l *Lock) Release() error {
	return errors.Join(l.file.Truncate(0), l.file.Close())
}
