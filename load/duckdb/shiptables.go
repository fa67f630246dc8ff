package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	duck "github.com/duckdb/duckdb-go/v2"

	"fourfold/transform"
	"fourfold/transform/ship"
)

// shipMemory bounds what DuckDB takes while ship reads and writes: it sorts nothing wide, and the graphs are elsewhere.
const shipMemory = 256 << 20

// ShipStore is the ledgers as of a build, to be read, and the file of that build, in which the tables of the commit
// graph are written before dbt begins.
type ShipStore struct {
	db   *sql.DB
	conn *sql.Conn
	path string // of the build
	raw  string
	asOf time.Time
}

// OpenShip opens the ledgers of a data directory for reading and makes the tables of transform.Ship, empty, in the file
// of a build. The caller holds the directory's lock, and closes the store before anybody else opens either file.
func OpenShip(ctx context.Context, dir, build string, asOf time.Time, opts Options) (*ShipStore, error) {
	limitArenas()
	connector, err := duck.NewConnector("?autoinstall_known_extensions=false&autoload_known_extensions=false", nil)
	if err != nil {
		return nil, fmt.Errorf("duckdb: %w", err)
	}
	s := &ShipStore{db: sql.OpenDB(connector), path: build, raw: filepath.Join(dir, RawFile), asOf: asOf}
	if opts.MemoryLimit == 0 || opts.MemoryLimit > shipMemory {
		opts.MemoryLimit = shipMemory
	}
	if err := s.open(ctx, dir, opts); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *ShipStore) open(ctx context.Context, dir string, opts Options) (err error) {
	if s.conn, err = s.db.Conn(ctx); err != nil {
		return fmt.Errorf("duckdb: %w", err)
	}
	statements := append(opts.settings(),
		"set preserve_insertion_order = true", // the tables have an order
		"set temp_directory = "+quote(filepath.Join(dir, "tmp")),
		"attach "+quote(s.raw)+" as raw (read_only)",
		"attach "+quote(s.path)+" as marts")
	for _, t := range transform.Ship {
		statements = append(statements, t.DuckDBDDL("marts.main"))
	}
	for _, q := range statements {
		if _, err := s.conn.ExecContext(ctx, q); err != nil {
			return explain("open for a build", s.path, err)
		}
	}
	return nil
}

// Close writes the tables to the file of the build to their end.
func (s *ShipStore) Close() error {
	var errs []error
	if s.conn != nil {
		errs = append(errs, s.conn.Close())
	}
	return errors.Join(append(errs, s.db.Close())...)
}

// asOfSQL is presentSQL over the versions that had been observed by the instant of a build, with only the columns that
// are asked for: what dbt's macro `present` selects.
func asOfSQL(t *transform.Table, columns []string, match string) string {
	names := strings.Join(columns, ", ")
	return fmt.Sprintf(`select %[1]s from (
    select %[1]s, id as _id, _observed_at as _at, _source_updated_at as _updated, _hash as _h, _deleted as _gone,
        max(case when _deleted then _observed_at end) over (partition by id) as _gone_at
    from raw.main.%[2]s where _observed_at <= ? and %[3]s
) where not _gone and (_gone_at is null or _at > _gone_at)
qualify row_number() over (partition by _id order by _updated desc nulls last, _at desc, _h desc) = 1`, names, t.Name, match)
}

// Present yields columns of the present version of each object as of the build, in no order. The slice is reused.
func (s *ShipStore) Present(ctx context.Context, t *transform.Table, columns ...string) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		failed := func(err error) { yield(nil, explain("read "+t.Name+" in", s.raw, err)) }
		rows, err := s.conn.QueryContext(ctx, asOfSQL(t, columns, "true"), s.asOf)
		if err != nil {
			failed(err)
			return
		}
		values, err := stream(rows)
		if err != nil {
			failed(err)
			return
		}
		for row, err := range values.All {
			if err != nil {
				failed(err)
				return
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// FormerNames gives every name that repositories have had as of the build, in lower case, and which had it last; one that
// was renamed before it was first read had that which the configuration has for it.
func (s *ShipStore) FormerNames(ctx context.Context) (map[string]string, error) {
	rows, err := s.conn.QueryContext(ctx, `
with names as (
    select lower(name) as name, 1 as precedence, _observed_at, id from raw.main.github_repositories
    union all
    select lower(configured_name) as name, 0 as precedence, _observed_at, id from raw.main.github_repositories
)
select name, arg_max(id, (precedence, _observed_at, id)) from names where name is not null and _observed_at <= ? group by name`, s.asOf)
	if err != nil {
		return nil, explain("read the names of repositories in", s.raw, err)
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var name, id string
		if err := rows.Scan(&name, &id); err != nil {
			return nil, explain("read the names of repositories in", s.raw, err)
		}
		out[name] = id
	}
	return out, rows.Err()
}

// CommitCounts gives how many versions of commits the ledger has of each repository: not fewer than commits.
func (s *ShipStore) CommitCounts(ctx context.Context) (map[string]int, error) {
	rows, err := s.conn.QueryContext(ctx, `select repository_id, count(*) from raw.main.github_commits
where not _deleted and _observed_at <= ? group by repository_id`, s.asOf)
	if err != nil {
		return nil, explain("count commits in", s.raw, err)
	}
	defer rows.Close()
	out := map[string]int{}
	for rows.Next() {
		var id string
		var n int
		if err := rows.Scan(&id, &n); err != nil {
			return nil, explain("count commits in", s.raw, err)
		}
		out[id] = n
	}
	return out, rows.Err()
}

// Commits hands on the commits of some repositories as of the build, in no order. A commit may come more than once:
// commits never change, so that their versions need not be told apart.
func (s *ShipStore) Commits(ctx context.Context, repositories []string, each func(repository string, c ship.Commit)) error {
	if err := s.commits(ctx, repositories, each); err != nil {
		return explain("read commits in", s.raw, err)
	}
	return nil
}

func (s *ShipStore) commits(ctx context.Context, repositories []string, each func(repository string, c ship.Commit)) error {
	if err := copyIDs(ctx, s.conn, "ship_repository_ids", repositories); err != nil {
		return err
	}
	columns := []string{
		"repository_id", "sha", "coalesce(parents, '') as parents", "coalesce(epoch_us(authored_at), -9223372036854775808) as authored_us",
		"case when title is null then 0 else hash(title) & 4294967295 end as title_hash",
	}
	const match = "repository_id in (select id from temp.ship_repository_ids)"
	var gone int64
	err := s.conn.QueryRowContext(ctx, `select count(*) from raw.main.github_commits where _deleted and _observed_at <= ?`, s.asOf).Scan(&gone)
	if err != nil {
		return err
	}
	q := "select " + strings.Join(columns, ", ") + " from raw.main.github_commits where _observed_at <= ? and " + match
	if gone > 0 { // a tombstone names no repository
		q = "select " + strings.Join(columns, ", ") + " from (" + asOfSQL(transform.GithubCommits, []string{"repository_id", "sha", "parents", "authored_at", "title"}, "true") + ") where " + match
	}
	rows, err := s.conn.QueryContext(ctx, q, s.asOf)
	if err != nil {
		return err
	}
	defer rows.Close()
	var repository, sha, parents sql.RawBytes
	var c ship.Commit
	var title int64
	names := map[string]string{} // so that a name is made once
	for rows.Next() {
		if err := rows.Scan(&repository, &sha, &parents, &c.AuthoredAt, &title); err != nil {
			return err
		}
		var ok bool
		if c.SHA, ok = ship.ParseSHA(string(sha)); !ok {
			continue
		}
		c.Title = uint32(title)
		c.Parents = c.Parents[:0]
		for p := range strings.FieldsSeq(string(parents)) {
			if parent, ok := ship.ParseSHA(p); ok {
				c.Parents = append(c.Parents, parent)
			}
		}
		name, ok := names[string(repository)]
		if !ok {
			name = string(repository)
			names[name] = name
		}
		each(name, c)
	}
	return rows.Err()
}

// Insert adds rows to a table of the build, in their order.
func (s *ShipStore) Insert(ctx context.Context, t *transform.Plain, rows arrow.RecordBatch) error {
	release, err := register(ctx, s.conn, "ship_rows", rows)
	if err == nil {
		defer release()
		_, err = s.conn.ExecContext(ctx, "insert into marts.main."+t.Name+" select * from ship_rows")
	}
	if err != nil {
		return explain("write "+t.Name+" to", s.path, err)
	}
	return nil
}
