package pipeline

import (
	"encoding/json"
	"slices"
	"strings"
)

// names are what a person may call a deployment (L1): its number, our id, and its addresses in the API and on the web.
func (d *deployment) names(r *repository) []string {
	out := []string{strings.ToLower(d.id), strings.ToLower(deploymentID(d.id))}
	addresses := []string{d.url}
	if r.url != "" {
		addresses = append(addresses, r.url+"/deployments/"+d.id)
	}
	for _, a := range addresses {
		if name := addressName(a); name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// addressName is an address as it is looked up: in lower case, without what follows ? or #.
func addressName(address string) string {
	if i := strings.IndexAny(address, "?#"); i >= 0 {
		address = address[:i]
	}
	return strings.ToLower(address)
}

// aliases is a JSON array of the sources' own ids.
func aliases(ids ...string) string {
	text, err := json.Marshal(ids)
	if err != nil {
		panic(err) // text can always be written
	}
	return string(text)
}
