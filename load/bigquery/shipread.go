package bigquery

import (
	"context"
	"slices"
	"strings"

	"fourfold/transform"
	"fourfold/transform/ship"
)

// FormerNames gives every name that repositories have had as of the build, in lower case, and which had it last; one that
// was renamed before it was first read had that which the configuration has for it.
func (s *ShipStore) FormerNames(ctx context.Context) (map[string]string, error) {
	out := map[string]string{}
	repositories := s.ledger(transform.GithubRepositories)
	err := s.each(ctx, "read the names of repositories", `
with names as (
    select lower(name) as name, 1 as precedence, _observed_at, id from `+repositories+`
    union all
    select lower(configured_name) as name, 0 as precedence, _observed_at, id from `+repositories+`
),
numbered as (
    select name, id, row_number() over (partition by name order by precedence desc, _observed_at desc, id desc) as place
    from names
    where name is not null and _observed_at <= ?
)
select name, id from numbered where place = 1`, []any{s.asOf}, func(row []any) {
		name, _ := row[0].(string)
		out[name], _ = row[1].(string)
	})
	return out, err
}

// CommitCounts gives how many versions of commits the ledger has of each repository: not fewer than commits.
func (s *ShipStore) CommitCounts(ctx context.Context) (map[string]int, error) {
	out := map[string]int{}
	s.tombstones = 0
	err := s.each(ctx, "count commits", `select repository_id, countif(not _deleted), countif(_deleted) from `+s.ledger(transform.GithubCommits)+`
where _observed_at <= ? group by repository_id`, []any{s.asOf}, func(row []any) {
		id, _ := row[0].(string)
		n, _ := row[1].(int64)
		gone, _ := row[2].(int64)
		s.tombstones += gone
		if n > 0 {
			out[id] = int(n)
		}
	})
	return out, err
}

// Commits hands on the commits of some repositories as of the build, in no order. A commit may come more than once:
// commits never change, so that their versions need not be told apart. What is of repositories before the first of them and after the
// last is not read, where it is apart: the ledger is clustered by ids (idsOf).
func (s *ShipStore) Commits(ctx context.Context, repositories []string, each func(repository string, c ship.Commit)) error {
	if s.tombstones < 0 {
		if _, err := s.CommitCounts(ctx); err != nil {
			return err
		}
	}
	least, bound := idsOf(repositories)
	const match = "_observed_at <= ? and id >= ? and id < ?"
	from := s.ledger(transform.GithubCommits) + " where " + match + " and "
	if s.tombstones > 0 {
		from = "(" + presentSQL(s.ledger(transform.GithubCommits), []string{"id", "parents", "authored_at", "title"}, match) + ") where "
	}
	// An id has the repository and the hash, which are not read once more. Titles are only compared with each other: 32 bits of a hash do.
	q := `select id, coalesce(parents, '') as parents, unix_micros(authored_at) as authored_us,
    if(title is null, 0, farm_fingerprint(title) & 4294967295) as title_hash
from ` + from + "regexp_extract(id, '^[^:]*') in unnest(?)"
	var c ship.Commit
	names := map[string]string{} // so that a name is kept once
	return s.each(ctx, "read commits", q, []any{s.asOf, least, bound, repositories}, func(row []any) {
		id, _ := row[0].(string)
		repository, sha, _ := strings.Cut(id, ":")
		parents, _ := row[1].(string)
		var ok bool
		if c.SHA, ok = ship.ParseSHA(sha); !ok {
			return
		}
		if c.AuthoredAt, ok = row[2].(int64); !ok {
			c.AuthoredAt = ship.NoTime
		}
		title, _ := row[3].(int64)
		c.Title = uint32(title) //nolint:gosec // of 32 bits
		c.Parents = c.Parents[:0]
		for p := range strings.FieldsSeq(parents) {
			if parent, ok := ship.ParseSHA(p); ok {
				c.Parents = append(c.Parents, parent)
			}
		}
		name, ok := names[repository]
		if !ok {
			name = strings.Clone(repository)
			names[name] = name
		}
		each(name, c)
	})
}

// idsOf bounds the ids of the commits of some repositories: the least that there may be, and what all are below. A commit's id is
// that of its repository, a colon, and what it is called there. The colon comes after all digits and before the semicolon.
func idsOf(repositories []string) (least, bound string) {
	for i, r := range repositories {
		if i == 0 || r+":" < least {
			least = r + ":"
		}
		bound = max(bound, r+";")
	}
	return least, bound
}

// Paths hands on the paths that the commits of a repository changed as of the build, a JSON array, where they are known, in
// no order. Those of one commit may come more than once, and are always the same. What is of others is not read (idsOf).
func (s *ShipStore) Paths(ctx context.Context, repository string, each func(sha ship.SHA, paths []byte)) error {
	q := `select sha, paths from ` + s.ledger(transform.GithubCommits) + `
where _observed_at <= ? and id >= ? and id < ? and repository_id = ? and paths is not null`
	least, bound := idsOf([]string{repository})
	return s.each(ctx, "read paths", q, []any{s.asOf, least, bound, repository}, func(row []any) {
		name, _ := row[0].(string)
		paths, _ := row[1].(string)
		if sha, ok := ship.ParseSHA(name); ok {
			each(sha, []byte(paths))
		}
	})
}

// CommittedAt hands on when some commits were put where they are as of the build, in microseconds since 1970.
func (s *ShipStore) CommittedAt(ctx context.Context, ids []string, each func(id string, at int64)) error {
	q := "select id, unix_micros(committed_at) from (" +
		presentSQL(s.ledger(transform.GithubCommits), []string{"id", "committed_at"}, "_observed_at <= ? and id in unnest(?)") + ") where committed_at is not null"
	for some := range slices.Chunk(ids, lookupIDs) {
		err := s.each(ctx, "read commits", q, []any{s.asOf, some}, func(row []any) {
			id, _ := row[0].(string)
			at, _ := row[1].(int64)
			each(id, at)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
