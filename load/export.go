package load

import (
	"context"
	"encoding/json"
	"iter"
	"time"
)

// Export is a warehouse whose whole content is read, to be moved to another.
type Export interface {
	// Mark says in one word what there is: it changes with anything that is exported.
	Mark(ctx context.Context) (string, error)
	// Export yields all rows of a table in the order in which they landed, with the values of Rows. The slice is reused.
	Export(ctx context.Context, table string, columns []string) iter.Seq2[[]any, error]
	// Positions are where the streams stand.
	Positions(ctx context.Context) ([]Position, error)
	// Clock is that of the last run; zero if there was none.
	Clock(ctx context.Context) (time.Time, error)
}

// Position is where a stream stands.
type Position struct {
	Stream string // the key of the cursor
	Table  string // that it fills
	Cursor json.RawMessage
	Ended  string // how its last run ended
}

// Moved is a table that was moved: all its rows are there, and were compared.
type Moved struct {
	Table string
	Rows  int64
}
