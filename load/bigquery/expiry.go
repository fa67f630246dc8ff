package bigquery

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/bigquery"
	"golang.org/x/sync/errgroup"
)

// Nothing but the tables that rows are staged in may expire: BigQuery removes tables, and days of them, without a word.

// keeps refuses a dataset whose new tables expire, or days of them: the API has no word by which one table is made so that it
// does not.
func (c *Client) keeps(name string, md *bigquery.DatasetMetadata) error {
	var of, mend []string
	for _, x := range []struct {
		what, option string
		after        time.Duration
	}{
		{"its tables", "default_table_expiration_days", md.DefaultTableExpiration},
		{"days of them", "default_partition_expiration_days", md.DefaultPartitionExpiration},
	} {
		if x.after > 0 {
			of, mend = append(of, fmt.Sprintf("%s after %s (%s)", x.what, days(x.after), x.option)), append(mend, x.option+" = null")
		}
	}
	if of == nil {
		return nil
	}
	return fmt.Errorf("bigquery: dataset %s.%s is made so that BigQuery removes %s: what is there would vanish without a word: alter schema `%[1]s.%[2]s` set options (%[4]s)",
		c.opts.Project, name, strings.Join(of, ", and "), strings.Join(mend, ", "))
}

// lasts refuses a table of the ledgers that expires, or days of it.
func (c *Client) lasts(name string, md *bigquery.TableMetadata) error {
	var of, mend []string
	if !md.ExpirationTime.IsZero() {
		of, mend = append(of, "all of it at "+md.ExpirationTime.UTC().Format(time.RFC3339)), append(mend, "expiration_timestamp = null")
	}
	if p := md.TimePartitioning; p != nil && p.Expiration > 0 {
		of, mend = append(of, "each of its days after "+days(p.Expiration)), append(mend, "partition_expiration_days = null")
	}
	if of == nil {
		return nil
	}
	return fmt.Errorf("bigquery: table %s.%s is made so that BigQuery removes %s: what has landed there would vanish without a word: alter table `%[4]s.%[1]s.%[2]s` set options (%[5]s). "+
		"A new table has it of its dataset: see there to default_table_expiration_days and default_partition_expiration_days",
		c.Raw(), name, strings.Join(of, ", and "), c.opts.Project, strings.Join(mend, ", "))
}

func days(d time.Duration) string {
	return strconv.FormatFloat(d.Hours()/24, 'g', 4, 64) + " days"
}

// ledgersLast looks whether a table of the ledgers expires. One that is not there, or may not be looked at, is passed over.
func (c *Client) ledgersLast(ctx context.Context) error {
	g, inner := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for _, t := range allTables() {
		g.Go(func() error {
			md, err := c.basics(inner, t.name)
			if isStatus(err, http.StatusNotFound) || isDenied(err) {
				return nil
			}
			if err != nil {
				return err
			}
			return c.lasts(t.name, md)
		})
	}
	return g.Wait()
}

// basics is what is said of a table of the ledgers without looking how large it is.
func (c *Client) basics(ctx context.Context, name string) (md *bigquery.TableMetadata, err error) {
	err = c.call(ctx, "look at table "+name, func(ctx context.Context) (err error) {
		md, err = c.bq.Dataset(c.Raw()).Table(name).Metadata(ctx, bigquery.WithMetadataView(bigquery.BasicMetadataView))
		return err
	})
	return md, err
}
