package pipeline

import (
	"encoding/json"
	"strings"

	"fourfold/internal/config"
	"fourfold/transform"
)

// writeNames writes what people may call a deployment (L1): of each report of it the source's own id, our id, the
// addresses in the API and on the web, and of a release whose tag nobody has any more the tag: where there is one, it means
// its commit.
func (w *walk) writeNames(reports []*report, service string) error {
	var names [10]string // that have been written: an array, since there are as many of these as of deployments
	seen := names[:0]
	for _, d := range reports {
	next:
		for _, name := range [...]string{strings.ToLower(d.id), strings.ToLower(d.deploymentID()), addressName(d.url), addressName(d.page), d.tagAlone()} {
			if name == "" {
				continue
			}
			for _, s := range seen {
				if s == name {
					continue next
				}
			}
			seen = append(seen, name)
			if err := w.add(transform.ShipDeploymentNames, name, reports[0].deploymentID(), service); err != nil {
				return err
			}
		}
	}
	return nil
}

// tagAlone is the tag of a release that points nowhere any more; "" of everything else.
func (d *report) tagAlone() string {
	if d.source != config.FromReleases || d.sha != "" {
		return ""
	}
	return strings.ToLower(d.subject)
}

// addressName is an address as it is looked up: in lower case, without what follows ? or #.
func addressName(address string) string {
	if i := strings.IndexAny(address, "?#"); i >= 0 {
		address = address[:i]
	}
	return strings.ToLower(address)
}

// idsOf is a JSON array of the sources' own ids.
func idsOf(reports []*report) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	ids := make([]string, len(reports))
	for i, d := range reports {
		ids[i] = d.id
	}
	if err := e.Encode(ids); err != nil {
		panic(err) // text can always be written
	}
	return strings.TrimSuffix(b.String(), "\n")
}
