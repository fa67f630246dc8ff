package pipeline

import (
	"slices"
	"strings"

	"github.com/valyala/fastjson"

	"fourfold/internal/config"
)

// groupPaths lists, for each source, the places in its rows where rules look for the group (D5).
func groupPaths(rules []config.Deployment) map[config.DeploymentFrom][]string {
	out := map[config.DeploymentFrom][]string{}
	for _, rule := range rules {
		if rule.Group != "" && !slices.Contains(out[rule.From], rule.Group) {
			out[rule.From] = append(out[rule.From], rule.Group)
		}
	}
	return out
}

// groupReader finds the groups of a source's rows.
type groupReader struct {
	column []string // that has to be read beside the others, as the last: none where no rule has groups
	paths  [][]string
	parser fastjson.Parser
}

// groupsOf is the reader for a source. The whole row is read only where a rule looks for more than what the deployer attached.
func (r *reader) groupsOf(source config.DeploymentFrom) *groupReader {
	out := &groupReader{}
	attached := true
	for _, p := range r.services.groups[source] {
		path := strings.Split(p, ".")
		out.paths = append(out.paths, path)
		attached = attached && path[0] == "payload"
	}
	if len(out.paths) == 0 {
		return out
	}
	root := map[config.DeploymentFrom][]string{config.FromDeployments: {"deployment"}, config.FromWorkflowRuns: {"run"}}[source]
	switch {
	case source == config.FromFiles:
		out.column = []string{"fields"}
	case source == config.FromDeployments && attached:
		out.column, root = []string{"deployment_payload"}, nil
		for i := range out.paths {
			out.paths[i] = out.paths[i][1:]
		}
	default:
		out.column = []string{"payload"}
	}
	for i, path := range out.paths {
		out.paths[i] = slices.Concat(root, path)
	}
	return out
}

// of gives what a row has at each of the places.
func (g *groupReader) of(row []any) []string {
	if len(g.paths) == 0 {
		return nil
	}
	out := make([]string, len(g.paths))
	json := text(row[len(row)-1])
	for i, path := range g.paths {
		out[i] = g.at(json, path)
	}
	return out
}

// at gives as text what a JSON text has at a place; "" where there is nothing. What stands on the way may be text that
// holds JSON again: many deployers attach it so.
func (g *groupReader) at(json string, path []string) string {
	v, err := g.parser.Parse(json)
	if err != nil {
		return ""
	}
	for i, key := range path {
		if v.Type() == fastjson.TypeString {
			return g.at(string(v.GetStringBytes()), path[i:])
		}
		if v = v.Get(key); v == nil {
			return ""
		}
	}
	switch v.Type() {
	case fastjson.TypeNull:
		return ""
	case fastjson.TypeString:
		return string(v.GetStringBytes())
	default:
		return v.String()
	}
}
