package duckdb

import (
	"context"
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"fourfold/transform"
	"fourfold/transform/ship"
)

// Copy adds rows that a table has of services for others: the engine copies rows in half the time that it takes to bring
// them in.
func (s *ShipStore) Copy(ctx context.Context, t *transform.Plain, copies []ship.Copy) error {
	if err := s.copy(ctx, t, copies); err != nil {
		return explain("write "+t.Name+" to", s.path, err)
	}
	return nil
}

func (s *ShipStore) copy(ctx context.Context, t *transform.Plain, copies []ship.Copy) error {
	if err := s.copyTable(ctx, copies); err != nil {
		return err
	}
	// Names say nothing of the repository: their deployments do.
	source := "marts.main." + t.Name + " as rows"
	place := "rows"
	if !slices.ContainsFunc(t.Columns, func(c transform.Column) bool { return c.Name == "repository_id" }) {
		source += " join marts.main." + transform.ShipDeployments.Name + " as placed on placed.deployment_id = rows.deployment_id and placed.service = rows.service"
		place = "placed"
	}
	var written int64
	if err := s.conn.QueryRowContext(ctx, "select count(*) from marts.main."+t.Name).Scan(&written); err != nil {
		return err
	}
	_, err := s.conn.ExecContext(ctx, fmt.Sprintf(`insert into marts.main.%[1]s by name
select rows.* replace (copies.to_service as service)
from %[2]s
join temp.ship_copies as copies
    on copies.repository_id = %[3]s.repository_id and copies.environment = %[3]s.environment and copies.from_service = %[3]s.service
where rows.rowid < %[4]d`, t.Name, source, place, written))
	return err
}

// copyTable makes a table of copies.
func (s *ShipStore) copyTable(ctx context.Context, copies []ship.Copy) error {
	var fields []arrow.Field
	for _, name := range []string{"repository_id", "environment", "from_service", "to_service"} {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.String})
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))
	defer b.Release()
	for _, c := range copies {
		for i, v := range []string{c.Repository, c.Environment, c.From, c.To} {
			b.Field(i).(*array.StringBuilder).Append(v)
		}
	}
	rows := b.NewRecordBatch()
	defer rows.Release()
	return copyBatch(ctx, s.conn, "ship_copies", rows)
}
