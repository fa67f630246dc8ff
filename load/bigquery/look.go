package bigquery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
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

// Look looks whether the warehouse can be used, and changes nothing: that there are credentials, that jobs may be run, which
// datasets there are, in the configured location, that nothing in them expires, whether the ledgers may be changed, and whether
// readers of the marts need no right on the builds. It says so in words. What an account may not do is no error: there are those who only read.
func Look(ctx context.Context, c *Client) (string, error) {
	if _, err := c.Estimate(ctx, "select 1"); err != nil {
		return "", err
	}
	there, missing, location := []string{}, []string{}, ""
	found := map[string]*bigquery.DatasetMetadata{}
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
		switch {
		case err == nil:
			err = c.right(name, md)
		case isDenied(err):
			err = fmt.Errorf("%w (or there is no such dataset yet: then the next run makes it, if roles/bigquery.user on the project lets it)", err)
		}
		if err != nil {
			return "", err
		}
		there, location, found[name] = append(there, name), md.Location, md
	}
	if found[c.Raw()] != nil {
		if err := c.ledgersLast(ctx); err != nil {
			return "", err
		}
	}
	var text strings.Builder
	fmt.Fprintf(&text, "BigQuery, project %s", c.opts.Project)
	if len(there) > 0 {
		fmt.Fprintf(&text, ": %s in %s", strings.Join(there, ", "), location)
	}
	if len(missing) > 0 {
		fmt.Fprintf(&text, "; the next run makes %s", strings.Join(missing, ", "))
	}
	if c.opts.Endpoint != "" { // which knows no rights
		fmt.Fprintf(&text, " (served at %s)", c.opts.Endpoint)
		return text.String(), nil
	}
	rights := ""
	if found[c.Raw()] != nil {
		var err error
		if rights, err = c.rights(ctx); err != nil {
			return "", err
		}
	}
	text.WriteString(rights)
	// Who may not change a dataset is not told who has access to it.
	if md := found[c.Build()]; md != nil && found[c.Marts()] != nil && len(md.Access) > 0 && !c.letsIn(md) {
		fmt.Fprintf(&text, "; who may read %s only is refused until the next build lets its views into %s", c.Marts(), c.Build())
	}
	return text.String(), nil
}

// rights says what the account may do with the ledgers, as BigQuery says it of a table of them. That is no job and costs nothing.
func (c *Client) rights(ctx context.Context) (string, error) {
	const reads, changes = "bigquery.tables.getData", "bigquery.tables.updateData"
	var may []string
	err := c.call(ctx, "ask for the rights on "+c.Raw()+"."+cursorsTable, func(ctx context.Context) (err error) {
		may, err = c.bq.Dataset(c.Raw()).Table(cursorsTable).IAM().TestPermissions(ctx, []string{reads, changes})
		return err
	})
	switch {
	case isStatus(err, http.StatusNotFound):
		return "; the ledgers are made by the next run", nil
	case err != nil && !isDenied(err):
		return "", err
	case slices.Contains(may, changes) && slices.Contains(may, reads):
		return "; ledgers may be read and changed", nil
	case slices.Contains(may, reads):
		return fmt.Sprintf("; ledgers may be read and not changed: rounds need roles/bigquery.dataEditor on %s", c.Raw()), nil
	default:
		return fmt.Sprintf("; ledgers may not be read: rounds need roles/bigquery.dataEditor on %s, and `sql --raw` roles/bigquery.dataViewer", c.Raw()), nil
	}
}

// right refuses a dataset that the program cannot work in: one in another location, or whose tables expire.
func (c *Client) right(name string, md *bigquery.DatasetMetadata) error {
	return cmp.Or(c.rightPlace(name, md), c.keeps(name, md))
}

// unsaid is where BigQuery and dbt make and look for what they are not told the location of.
const unsaid = "US"

// rightPlace refuses a dataset in another location than the configured one.
func (c *Client) rightPlace(name string, md *bigquery.DatasetMetadata) error {
	if strings.EqualFold(md.Location, cmp.Or(c.opts.Location, unsaid)) || md.Location == "" { // an endpoint's server may say nothing
		return nil
	}
	if c.opts.Location == "" {
		return fmt.Errorf("bigquery: dataset %s.%s is in %s, and without warehouse.location BigQuery and dbt take it to be in %s: set warehouse.location to %[3]s",
			c.opts.Project, name, md.Location, unsaid)
	}
	return fmt.Errorf("bigquery: dataset %s.%s is in %s, and warehouse.location says %s: a dataset cannot move: set warehouse.location to %[3]s, or warehouse.dataset to another name",
		c.opts.Project, name, md.Location, c.opts.Location)
}
