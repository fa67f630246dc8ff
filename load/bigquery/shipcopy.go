package bigquery

import (
	"context"
	"fmt"
	"strings"

	"cloud.google.com/go/bigquery"

	"fourfold/transform"
	"fourfold/transform/ship"
)

// shipCopy is a ship.Copy as a parameter.
type shipCopy struct {
	RepositoryID string `bigquery:"repository_id"`
	Environment  string `bigquery:"environment"`
	FromService  string `bigquery:"from_service"`
	ToService    string `bigquery:"to_service"`
}

// Copy adds rows that a table has of services for others, in one statement: it sees the table as it was before.
func (s *ShipStore) Copy(ctx context.Context, t *transform.Plain, copies []ship.Copy) error {
	if s.dry != nil {
		return nil
	}
	var wanted []shipCopy
	for _, c := range copies {
		wanted = append(wanted, shipCopy{c.Repository, c.Environment, c.From, c.To})
	}
	_, err := s.c.run(ctx, "copy rows of "+t.Name+" in "+s.dataset, s.jobID(t.Name, "copy"), func(ctx context.Context, id string) (*bigquery.Job, error) {
		q := s.c.bq.Query(copySQL(s.c, s.dataset, t))
		q.Parameters = []bigquery.QueryParameter{{Value: wanted}}
		q.JobID, q.Location, q.Labels, q.MaxBytesBilled = id, s.c.opts.Location, s.c.labels(s.labels(t)), s.c.opts.MaxBytesBilled
		return q.Run(ctx)
	})
	return err
}

func copySQL(c *Client, dataset string, t *transform.Plain) string {
	var into, values []string
	hasPlace := false
	for _, column := range t.Columns {
		into = append(into, column.Name)
		value := "r." + column.Name
		if column.Name == "service" {
			value = "w.to_service"
		}
		values = append(values, value)
		hasPlace = hasPlace || column.Name == "repository_id"
	}
	from, place := c.table(dataset, t.Name)+" as r", "r"
	if !hasPlace { // names say nothing of the repository: their deployments do
		from += "\ninner join " + c.table(dataset, transform.ShipDeployments.Name) + " as d on d.deployment_id = r.deployment_id and d.service = r.service"
		place = "d"
	}
	return fmt.Sprintf(`insert into %[1]s (%[2]s)
select %[3]s
from %[4]s
inner join unnest(?) as w on w.repository_id = %[5]s.repository_id and w.environment = %[5]s.environment and w.from_service = %[5]s.service`,
		c.table(dataset, t.Name), strings.Join(into, ", "), strings.Join(values, ", "), from, place)
}
