package config

import (
	"regexp"
	"strings"
)

// validate checks what the types alone cannot: rules between keys, and texts of a given form. A key whose value is
// missing because of an error or a pending reference is passed over.
func (d *decoder) validate(c *Config) {
	d.validateWarehouse(&c.Warehouse)
	d.validateSources(&c.Sources)
	d.validateServices(c.Services)
	d.validateMetrics(&c.Metrics)
	d.validateOutputs(c)
}

// form is what a text must look like.
type form struct {
	pattern *regexp.Regexp
	is, fix string
}

// match checks a text that may be empty.
func (d *decoder) match(key, text string, f form) {
	if text != "" && !d.silent[key] && !f.pattern.MatchString(text) {
		d.fail(key, f.is, f.fix)
	}
}

var (
	projectForm = form{
		regexp.MustCompile(`^([a-z0-9.-]+:)?[a-z][a-z0-9-]*$`),
		"is not the id of a project", "write its id (lower case, digits, hyphens), not its name or number",
	}
	datasetForm = form{
		regexp.MustCompile(`^[A-Za-z0-9_]{1,1000}$`),
		"is not the name of a dataset", "write letters, digits and underscores, without the project",
	}
	locationForm = form{
		regexp.MustCompile(`^[A-Za-z]+(-[A-Za-z0-9]+)*$`),
		"is not a location", "write e.g. asia-northeast1, EU or US",
	}
	accountForm = form{
		regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`),
		"is not a service account", "write its e-mail address, e.g. fourfold@my-project.iam.gserviceaccount.com",
	}
	bucketForm = form{
		regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$`),
		"is not the name of a bucket", "write the name alone, without gs:// and without a path",
	}
	labelKey   = regexp.MustCompile(`^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$`)
	labelValue = regexp.MustCompile(`^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$`)
)

// leastMemory is what DuckDB cannot do without.
const leastMemory = 64 << 20

func (d *decoder) validateWarehouse(w *Warehouse) {
	if w.MemoryLimit < leastMemory && !d.silent["warehouse.memory_limit"] {
		d.fail("warehouse.memory_limit", "is too little to work with", "write 64MiB or more")
	}
	d.match("warehouse.project", w.Project, projectForm)
	d.match("warehouse.dataset", w.Dataset, datasetForm)
	d.match("warehouse.location", w.Location, locationForm)
	d.match("warehouse.impersonate", w.Impersonate, accountForm)
	d.match("warehouse.bucket", w.Bucket, bucketForm)
	for name, value := range w.Labels {
		key := join("warehouse.labels", name)
		if !d.silent[key] && (!labelKey.MatchString(name) || !labelValue.MatchString(value)) {
			d.fail(key, "is not a label", "write lower-case letters, digits, hyphens and underscores, at most 63, a letter first in the name")
		}
	}
	if w.Type != BigQuery {
		return
	}
	for _, need := range []struct{ name, value, example string }{
		{"project", w.Project, "my-project"}, {"dataset", w.Dataset, "fourfold"},
	} {
		if key := "warehouse." + need.name; need.value == "" && !d.silent[key] {
			d.fail(key, "is missing, and BigQuery needs it", "add e.g. "+need.name+": "+need.example)
		}
	}
}

// validateOutputs checks what is told to people: the web page, the digest.
func (d *decoder) validateOutputs(c *Config) {
	auth := "dashboard.auth"
	switch has := c.Dashboard.Auth; {
	case has.User != "" && !has.Password.IsSet() && !d.silent[auth+".password"]:
		d.fail(auth+".password", "is missing, but there is a user", "add e.g. password: ${file:password.txt}")
	case has.User == "" && has.Password.IsSet() && !d.silent[auth+".user"]:
		d.fail(auth+".user", "is missing, but there is a password", "add e.g. user: fourfold")
	case strings.Contains(has.User, ":"):
		d.fail(auth+".user", "has a colon, which basic authentication cannot carry", "choose another name")
	}
	for _, s := range c.secrets {
		if !within(s.key, UseDigest) {
			continue
		}
		if value, err := s.secret.reveal(); err == nil && value != "" && !isWebhook(value) {
			d.fail(s.key, "is not an http or https address", "write the address of the webhook, e.g. ${SLACK_WEBHOOK_URL}")
		}
	}
}
