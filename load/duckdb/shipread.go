package duckdb

import (
	"context"
	"database/sql"

	"fourfold/transform"
	"fourfold/transform/ship"
)

// Paths hands on the paths that the commits of a repository changed as of the build, a JSON array, where they are known, in
// no order. Those of one commit may come more than once, and are always the same.
func (s *ShipStore) Paths(ctx context.Context, repository string, each func(sha ship.SHA, paths []byte)) error {
	if err := s.paths(ctx, repository, each); err != nil {
		return explain("read paths in", s.raw, err)
	}
	return nil
}

func (s *ShipStore) paths(ctx context.Context, repository string, each func(sha ship.SHA, paths []byte)) error {
	rows, err := s.conn.QueryContext(ctx, `select sha, paths from raw.main.github_commits
where _observed_at <= ? and repository_id = ? and paths is not null`, s.asOf, repository)
	if err != nil {
		return err
	}
	defer rows.Close()
	var name, paths sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&name, &paths); err != nil {
			return err
		}
		if sha, ok := ship.ParseSHA(string(name)); ok {
			each(sha, paths)
		}
	}
	return rows.Err()
}

// CommittedAt hands on when some commits were put where they are as of the build, in microseconds since 1970.
func (s *ShipStore) CommittedAt(ctx context.Context, ids []string, each func(id string, at int64)) error {
	if err := s.committedAt(ctx, ids, each); err != nil {
		return explain("read commits in", s.raw, err)
	}
	return nil
}

func (s *ShipStore) committedAt(ctx context.Context, ids []string, each func(id string, at int64)) error {
	if err := copyIDs(ctx, s.conn, "ship_commit_ids", ids); err != nil {
		return err
	}
	rows, err := s.conn.QueryContext(ctx, "select id, epoch_us(committed_at) from ("+
		asOfSQL(transform.GithubCommits, []string{"id", "committed_at"}, "id in (select id from temp.ship_commit_ids)")+
		") where committed_at is not null", s.asOf)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var at int64
		if err := rows.Scan(&id, &at); err != nil {
			return err
		}
		each(id, at)
	}
	return rows.Err()
}
