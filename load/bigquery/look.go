package bigquery

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"cloud.google.com/go/bigquery"
)

// Exists reports whether ledgers have been made.
func Exists(ctx context.Context, c *Client) (bool, error) {
	_, _, err := c.state(ctx)
	if errors.Is(err, errNoState) {
		return false, nil
	}
	return err == nil, err
}

// Look looks whether the warehouse can be used, and changes nothing: that there are credentials, that jobs may be run, and
// which datasets there are, in the configured location. It says so in words.
func Look(ctx context.Context, c *Client) (string, error) {
	if _, err := c.Estimate(ctx, "select 1"); err != nil {
		return "", err
	}
	there, missing, location := []string{}, []string{}, ""
	for _, name := range []string{c.Raw(), c.Build(), c.Marts()} {
		var md *bigquery.DatasetMetadata
		err := c.call(ctx, "look at dataset "+name, func(ctx context.Context) (err error) {
			md, err = c.bq.Dataset(name).Metadata(ctx)
			return err
		})
		if isStatus(err, http.StatusNotFound) {
			missing = append(missing, name)
			continue
		}
		if err == nil {
			err = c.rightPlace(name, md)
		}
		if err != nil {
			return "", err
		}
		there, location = append(there, name), md.Location
	}
	var text strings.Builder
	fmt.Fprintf(&text, "BigQuery, project %s", c.opts.Project)
	if len(there) > 0 {
		fmt.Fprintf(&text, ": %s in %s", strings.Join(there, ", "), location)
	}
	if len(missing) > 0 {
		fmt.Fprintf(&text, "; the next run makes %s", strings.Join(missing, ", "))
	}
	if c.opts.Endpoint != "" {
		fmt.Fprintf(&text, " (served at %s)", c.opts.Endpoint)
	}
	return text.String(), nil
}

// rightPlace refuses a dataset in another location than the configured one.
func (c *Client) rightPlace(name string, md *bigquery.DatasetMetadata) error {
	if c.opts.Location == "" || strings.EqualFold(md.Location, c.opts.Location) {
		return nil
	}
	return fmt.Errorf("bigquery: dataset %s.%s is in %s, and warehouse.location says %s: a dataset cannot move: set warehouse.location to %s, or warehouse.dataset to another name",
		c.opts.Project, name, md.Location, c.opts.Location, md.Location)
}
