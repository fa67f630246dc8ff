// Package bigquery is the warehouse for teams that outgrow one machine: ledgers, builds and marts in datasets of Google
// BigQuery. It loads by jobs whose ids are made of what they do, so that a job that is asked for twice, after an answer
// that was lost, is one job; and it changes a ledger in transactions that hold the cursor, too.
//
// It is written for BigQuery itself. With an endpoint it speaks to whatever serves BigQuery's API there, without
// credentials, and trusts it as much.
package bigquery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/impersonate"
	"google.golang.org/api/option"
	"google.golang.org/api/storage/v1"
	transport "google.golang.org/api/transport/http"
)

// Options say where the warehouse is and as whom it is used.
type Options struct {
	Project  string
	Dataset  string // what the names of the datasets begin with: _raw, _build and _marts follow
	Location string // of the datasets and jobs; "" is BigQuery's default, US
	// Credentials is the JSON of a service account's key or of an external account (workload identity); empty means
	// application default credentials.
	Credentials []byte
	Impersonate string // e-mail address of a service account to act as
	// MaxBytesBilled is what one query may cost, in bytes; 0 is no limit.
	MaxBytesBilled int64
	Labels         map[string]string // of datasets, tables and jobs
	Bucket         string            // in Cloud Storage, for first loads beyond a given size
	Endpoint       string            // bare base URL of a server in place of Google's; no credentials are used then
	Scratch        string            // folder of this program alone, for what is removed by the next one if it is killed; "" is none
	Log            *slog.Logger      // what is waited for, and what somebody should mend; nil is none
}

// Client speaks to BigQuery. It is safe for concurrent use.
type Client struct {
	bq     *bigquery.Client
	opts   Options
	bucket bucket
	inVain inVain
	closed sync.Once // says that readers are not let into builds
	sizes  sync.Map  // of tables by their names, in bytes, as they were when an estimate first asked
}

// scopes are what the program asks for: BigQuery, and Cloud Storage where there is a bucket.
func scopes(o Options) []string {
	if o.Bucket == "" {
		return []string{bigquery.Scope}
	}
	return []string{bigquery.Scope, storage.DevstorageReadWriteScope}
}

// Connect makes a client. It asks BigQuery nothing yet, but finds the credentials.
func Connect(ctx context.Context, o Options) (*Client, error) { return dial(ctx, o) }

func dial(ctx context.Context, o Options, more ...option.ClientOption) (*Client, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	c := &Client{opts: o}
	options, err := clientOptions(ctx, o)
	if err != nil {
		return nil, err
	}
	asks := &http.Client{Transport: http.DefaultTransport}
	if o.Endpoint == "" {
		asks, _, err = transport.NewClient(ctx, slices.Concat(options, []option.ClientOption{option.WithScopes(bigquery.Scope)})...)
	}
	if err == nil {
		asks.Transport = listener{asks.Transport, o.Log}
		c.bq, err = bigquery.NewClient(ctx, o.Project, slices.Concat(options, more, []option.ClientOption{option.WithHTTPClient(asks)})...)
	}
	if err != nil {
		return nil, c.explain("connect to project "+o.Project, err)
	}
	c.bq.Location = o.Location
	return c, nil
}

func clientOptions(ctx context.Context, o Options) ([]option.ClientOption, error) {
	agent := option.WithUserAgent("fourfold")
	switch {
	case o.Endpoint != "":
		return []option.ClientOption{
			agent, option.WithoutAuthentication(), option.WithEndpoint(strings.TrimRight(o.Endpoint, "/") + "/bigquery/v2/"),
			option.WithHTTPClient(&http.Client{Transport: http.DefaultTransport}),
		}, nil
	case o.Impersonate != "":
		var base []option.ClientOption
		if len(o.Credentials) > 0 {
			given, err := credentials(o.Credentials)
			if err != nil {
				return nil, err
			}
			base = append(base, given)
		}
		tokens, err := impersonate.CredentialsTokenSource(ctx, impersonate.CredentialsConfig{TargetPrincipal: o.Impersonate, Scopes: scopes(o)}, base...)
		if err != nil {
			return nil, (&Client{opts: o}).explain("act as "+o.Impersonate, err)
		}
		return []option.ClientOption{agent, option.WithTokenSource(tokens)}, nil
	case len(o.Credentials) > 0:
		given, err := credentials(o.Credentials)
		return []option.ClientOption{agent, given}, err
	default:
		return []option.ClientOption{agent}, nil
	}
}

// Close ends the client's connections.
func (c *Client) Close() error { return c.bq.Close() }

// Raw, Build and Marts are the names of the datasets.
func (c *Client) Raw() string   { return c.opts.Dataset + "_raw" }
func (c *Client) Build() string { return c.opts.Dataset + "_build" }
func (c *Client) Marts() string { return c.opts.Dataset + "_marts" }

// table is how SQL names a table: project, dataset and table.
func (c *Client) table(dataset, name string) string {
	return "`" + c.opts.Project + "." + dataset + "." + name + "`"
}

// patience is how long one request may be tried again, by the client's own rules, before it has failed.
var patience = 2 * time.Minute

// call makes a request of which a second is as good as the first.
func (c *Client) call(ctx context.Context, doing string, f func(context.Context) error) error {
	if err := c.insist(ctx, doing, f); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("bigquery: %s: %w", doing, ctx.Err())
		}
		return c.explain(doing, err)
	}
	return nil
}

// ensureDataset makes a dataset unless it is there, and refuses one in another location, or whose tables expire. Of one that
// is not there BigQuery tells some that it may not be looked at.
func (c *Client) ensureDataset(ctx context.Context, name, description string) error {
	d := c.bq.Dataset(name)
	var md *bigquery.DatasetMetadata
	err := c.call(ctx, "look at dataset "+name, func(ctx context.Context) (err error) {
		md, err = d.Metadata(ctx)
		return err
	})
	hidden := isDenied(err)
	switch {
	case err == nil:
		return c.right(name, md)
	case !hidden && !isStatus(err, http.StatusNotFound):
		return err
	}
	made := c.call(ctx, "make dataset "+name, func(ctx context.Context) error {
		return d.Create(ctx, &bigquery.DatasetMetadata{Description: description, Location: c.opts.Location, Labels: c.opts.Labels})
	})
	switch {
	case hidden && isStatus(made, http.StatusConflict):
		return fmt.Errorf("%w (the dataset is there)", err)
	case hidden && isDenied(made):
		return fmt.Errorf("dataset %s.%s: if it is there: %w; if it is not: %w", c.opts.Project, name, err, made)
	case isStatus(made, http.StatusConflict): // another run was first
		return nil
	}
	return made
}

func isStatus(err error, code int) bool {
	var api *googleapi.Error
	return errors.As(err, &api) && api.Code == code
}

// kinds are the credentials that are taken as a file's content. Others would have the program fetch from wherever they say.
var kinds = map[string]option.CredentialsType{
	"service_account": option.ServiceAccount, "external_account": option.ExternalAccount, "authorized_user": option.AuthorizedUser,
	"impersonated_service_account": option.ImpersonatedServiceAccount,
}

// credentials are those of a key or of an external account, by what the JSON says it is.
func credentials(text []byte) (option.ClientOption, error) {
	var is struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(text, &is); err != nil {
		return nil, errors.New("bigquery: warehouse.credentials is not JSON: give it the content of a key file, as ${file:/path/key.json}")
	}
	kind, ok := kinds[is.Type]
	if !ok {
		return nil, fmt.Errorf("bigquery: warehouse.credentials has type %q: give it a service account's key, or a configuration of workload identity (external_account)", is.Type)
	}
	return option.WithAuthCredentialsJSON(kind, text), nil
}
