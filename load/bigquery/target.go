package bigquery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"fourfold/load"
)

// Target is how dbt reaches the ledgers and the dataset that a build is made in. dbt is told who it is as the client is: a
// key or a configuration of workload identity goes by a file that nobody else may read and that is removed after it.
func (b *Builds) Target(ctx context.Context) (load.Target, error) {
	o, dataset := b.c.opts, b.dataset
	if dataset == "" { // to look, not to build
		dataset = b.c.Build()
	}
	if err := os.RemoveAll(o.leftCredentials()); err != nil {
		return load.Target{}, fmt.Errorf("bigquery: remove the credentials that dbt was given before: %w", err)
	}
	run := "dbt"
	if b.held != nil {
		run = b.held.id
	}
	labels, err := json.Marshal(plainLabels(o.Labels))
	if err != nil {
		return load.Target{}, fmt.Errorf("bigquery: hand the labels to dbt: %w", err)
	}
	t := load.Target{Name: "bigquery", Env: []string{
		"FOURFOLD_BIGQUERY_PROJECT=" + o.Project,
		"FOURFOLD_RAW_DATASET=" + b.c.Raw(),
		"FOURFOLD_BUILD_DATASET=" + dataset,
		"FOURFOLD_MAXIMUM_BYTES_BILLED=" + strconv.FormatInt(o.MaxBytesBilled, 10), // 0 is no limit to dbt, too
		"FOURFOLD_BIGQUERY_IMPERSONATE=" + o.Impersonate,
		"FOURFOLD_BIGQUERY_KEYFILE=",
		"FOURFOLD_BIGQUERY_ENDPOINT=" + strings.TrimRight(o.Endpoint, "/"),
		"FOURFOLD_RUN=" + labelValue(run),
		"FOURFOLD_LABELS=" + string(labels),
	}}
	if dataset == b.c.Build() {
		if t.Carries, err = b.c.ledgers(ctx, b.held != nil); err != nil {
			return load.Target{}, err
		}
	}
	if o.Location != "" {
		t.Env = append(t.Env, "FOURFOLD_BIGQUERY_LOCATION="+o.Location)
	}
	if o.Endpoint != "" { // whoever serves there is told a name in place of credentials
		t.Env = append(t.Env, "FOURFOLD_BIGQUERY_METHOD=oauth-secrets", "FOURFOLD_BIGQUERY_TOKEN=none")
		return t, nil
	}
	t.Env = append(t.Env, "FOURFOLD_BIGQUERY_METHOD=oauth", "FOURFOLD_BIGQUERY_TOKEN=")
	if len(o.Credentials) == 0 {
		return t, nil
	}
	dir, err := o.folder()
	if err != nil {
		return load.Target{}, fmt.Errorf("bigquery: hand the credentials to dbt: %w", err)
	}
	t.Release = func() error { return os.RemoveAll(dir) }
	file := filepath.Join(dir, "credentials.json")
	if err := os.WriteFile(file, o.Credentials, 0o600); err != nil {
		return load.Target{}, fmt.Errorf("bigquery: hand the credentials to dbt: %w", errors.Join(err, t.Release()))
	}
	t.Env = append(t.Env, "GOOGLE_APPLICATION_CREDENTIALS="+file)
	return t, nil
}

// leftCredentials is where the file for dbt is that a program left which was killed; "" is nowhere that is known.
func (o Options) leftCredentials() string {
	if o.Scratch == "" {
		return ""
	}
	return filepath.Join(o.Scratch, "credentials")
}

// folder makes an empty one that nobody else may look into.
func (o Options) folder() (string, error) {
	dir := o.leftCredentials()
	if dir == "" {
		return os.MkdirTemp("", "fourfold-")
	}
	if err := os.MkdirAll(o.Scratch, 0o755); err != nil {
		return "", err
	}
	return dir, os.Mkdir(dir, 0o700)
}

var plainLabel = regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)

// plainLabels are the labels that dbt can give to a job: it makes an underscore of every other letter of a name, and a name
// that begins with one is none.
func plainLabels(all map[string]string) map[string]string {
	out := map[string]string{}
	for name, value := range all {
		if plainLabel.MatchString(name) {
			out[name] = value
		}
	}
	return out
}
