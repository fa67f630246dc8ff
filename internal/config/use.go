package config

import (
	"net/url"
	"slices"
	"strings"
)

// Part is a part of the configuration that only some commands need. Unresolved references in it, and settings that it
// lacks, are errors only for those that use it.
type Part string

// The parts. Everything else is checked by Load.
const (
	UseWarehouse  Part = "warehouse" // BigQuery's credentials; DuckDB needs none
	UsePrivacy    Part = "privacy"   // the key that hashes people
	UseIncidentio Part = "sources.incidentio"
	UseGitHub     Part = "sources.github"
	UseFiles      Part = "sources.files"
	UseSchedule   Part = "schedule"
	UseDashboard  Part = "dashboard"
	UseDigest     Part = "digest"
	UseRedash     Part = "redash"
)

// SourceParts are the parts of the sources that are used.
func (c *Config) SourceParts() []Part {
	var out []Part
	if c.Sources.Incidentio != nil {
		out = append(out, UseIncidentio)
	}
	if c.Sources.GitHub != nil {
		out = append(out, UseGitHub)
	}
	if len(c.Sources.Files) > 0 {
		out = append(out, UseFiles)
	}
	return out
}

// Use checks that parts are ready: that they are configured, that their references resolve, and that they have what
// they cannot do without. A command calls it for what it is about to use and before it reads it, since a key whose
// reference is unresolved is empty. The error is Errors.
func (c *Config) Use(parts ...Part) error {
	var errs Errors
	for _, part := range parts {
		errs = append(errs, c.use(part)...)
	}
	return errs.sorted()
}

func (c *Config) use(part Part) Errors {
	var errs Errors
	fail := func(key, problem, fix string) { errs = append(errs, c.Problem(key, problem, fix)) }
	switch {
	case part == UseIncidentio && c.Sources.Incidentio == nil:
		fail(string(part), "is not configured", "write `incidentio: {}` under sources and set INCIDENT_IO_API_KEY")
		return errs
	case part == UseGitHub && c.Sources.GitHub == nil:
		fail(string(part), "is not configured", "write `github:` with `repositories:` under sources, and set GITHUB_TOKEN")
		return errs
	case part == UseFiles && len(c.Sources.Files) == 0:
		fail(string(part), "is not configured", "write `files:` with `- {path: …, kind: …}` under sources")
		return errs
	}
	for _, p := range c.pending {
		if within(p.Key, part) {
			errs = append(errs, p)
		}
	}
	revealed := map[string]string{}
	for _, s := range c.secrets {
		if !within(s.key, part) || !c.needsSecret(s.key) {
			continue
		}
		value, err := s.secret.reveal()
		if err != nil {
			errs = append(errs, err)
			continue
		}
		revealed[s.key] = value
		if value == "" {
			fail(s.key, "resolves to nothing", "give the variable or the file that it names a value")
		}
	}
	switch part {
	case UseIncidentio:
		if !c.Sources.Incidentio.APIKey.IsSet() {
			fail("sources.incidentio.api_key", "is empty", "leave it out and set INCIDENT_IO_API_KEY, or write ${file:/path}")
		}
	case UseGitHub:
		gh := c.Sources.GitHub
		if gh.App == nil && !gh.Token.IsSet() {
			fail("sources.github.token", "is empty", "leave it out and set GITHUB_TOKEN, or write an app")
		}
		if len(gh.Repositories) == 0 {
			fail("sources.github.repositories", "names no repository", "write e.g. `- {name: acme/api}`")
		}
	case UseRedash:
		for key, empty := range map[string]bool{
			"url": c.Redash.URL == "", "api_key": !c.Redash.APIKey.IsSet(), "data_source": c.Redash.DataSource == "",
		} {
			if key = "redash." + key; empty && !slices.ContainsFunc(errs, func(e *Error) bool { return e.Key == key }) {
				fail(key, "is empty", "write it: `fourfold dashboards redash` needs url, api_key and data_source")
			}
		}
	case UseWarehouse:
		if key := revealed["warehouse.credentials"]; key != "" && !strings.HasPrefix(strings.TrimSpace(key), "{") {
			fail("warehouse.credentials", "is not the JSON of a key", "to read it from a file, write ${file:/path/key.json}")
		}
	case UseDigest:
		for _, key := range digestKeys {
			if value := revealed[key]; value != "" && !isWebhook(value) {
				fail(key, "is not an http or https address", "write the address of the webhook, e.g. ${SLACK_WEBHOOK_URL}")
			}
		}
	}
	return errs
}

var digestKeys = []string{"digest.slack", "digest.google_chat", "digest.webhook"}

// isWebhook reports whether a text is an address to post to; unlike a URL it may have a query, which holds its secret.
func isWebhook(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Hostname() != "" && (u.Scheme == "http" || u.Scheme == "https")
}

// needsSecret reports whether a secret matters at all with the other settings.
func (c *Config) needsSecret(key string) bool {
	switch key {
	case "warehouse.credentials":
		return c.Warehouse.Type == BigQuery && c.Warehouse.Endpoint == ""
	case "privacy.hash_key":
		return c.Privacy.People == HashPeople
	}
	return true
}

// ignores reports whether no command looks at a key: BigQuery's, when the warehouse is DuckDB.
func (c *Config) ignores(key string) bool {
	own := []string{"warehouse.type", "warehouse.memory_limit", "warehouse.threads"}
	return within(key, UseWarehouse) && c.Warehouse.Type == DuckDB && !slices.Contains(own, key)
}

// optional reports whether a key is in a part that only some commands use.
func optional(key string) bool {
	return slices.ContainsFunc([]Part{
		UseIncidentio, UseGitHub, UseFiles, UseSchedule, UseDashboard, UseDigest, UseRedash,
	}, func(p Part) bool { return within(key, p) })
}

func within(key string, part Part) bool {
	rest, ok := strings.CutPrefix(key, string(part))
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}
