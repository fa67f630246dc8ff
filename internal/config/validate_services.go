package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
)

var groupForm = form{
	regexp.MustCompile(`^[^\s.$\[\]]([^.$\[\]]*[^\s.$\[\]])?(\.[^\s.$\[\]]([^.$\[\]]*[^\s.$\[\]])?)*$`), // names between dots, of columns of files too
	"is not a place in a row", "write e.g. payload.pipeline_id",
}

func (d *decoder) validateServices(services []Service) {
	names, values := map[string]int{}, map[fieldValue]string{}
	for i := range services {
		s := &services[i]
		key := fmt.Sprintf("services[%d]", i)
		if first, twice := names[fold(s.Name)]; twice && s.Name != "" {
			d.fail(key+".name", fmt.Sprintf("is given twice, first in line %d", first), "names compare without case: rename one, or make them one service")
		} else {
			names[fold(s.Name)] = d.lines[key+".name"]
		}
		for _, field := range slices.Sorted(maps.Keys(s.IncidentValues)) {
			fieldKey := join(key+".incident_values", field)
			for j, value := range s.IncidentValues[field] {
				pair := fieldValue{fold(field), fold(value)}
				if owner, taken := values[pair]; taken {
					d.fail(fmt.Sprintf("%s[%d]", fieldKey, j), "names "+owner+" already", "a value names one service: take one of the two away")
					continue
				}
				values[pair] = key
			}
		}
		for j := range s.Deployments {
			d.validateDeployment(fmt.Sprintf("%s.deployments[%d]", key, j), &s.Deployments[j])
		}
	}
}

// deploymentKeys are, for each kind of deployment, the keys that mean something there besides from, environment and
// group, and whether they must be given.
var deploymentKeys = map[DeploymentFrom]map[string]bool{
	FromDeployments:  {},
	FromWorkflowRuns: {"workflow": true, "event": false, "branch": false},
	FromTags:         {"pattern": true},
	FromReleases:     {"pattern": false},
	FromPullRequests: {"branch": true},
	FromFiles:        {},
}

var deploymentExamples = map[string]string{"workflow": "deploy.yml", "pattern": `"v*"`, "branch": "main"}

func (d *decoder) validateDeployment(key string, dep *Deployment) {
	allowed, known := deploymentKeys[dep.From]
	if !known {
		return // reported
	}
	for _, name := range []string{"workflow", "event", "branch", "pattern"} {
		given := d.lines[key+"."+name] > 0
		empty := map[string]bool{
			"workflow": dep.Workflow == "", "event": len(dep.Event) == 0, "branch": len(dep.Branch) == 0, "pattern": dep.Pattern == "",
		}[name]
		needed, may := allowed[name]
		switch {
		case given && !may:
			d.fail(key+"."+name, "means nothing for from: "+string(dep.From), "take it away, or correct from")
		case needed && empty && !d.silent[key+"."+name]:
			d.fail(key+"."+name, "is missing, and from: "+string(dep.From)+" needs it", "add e.g. "+name+": "+deploymentExamples[name])
		}
	}
	d.match(key+".group", dep.Group, groupForm)
	if d.silent[key+".environment"] {
		return
	}
	if len(dep.Environment) == 0 {
		d.fail(key+".environment", "names no environment", "write e.g. production, or leave the key out")
	}
	if dep.From == FromDeployments || dep.From == FromFiles {
		return // patterns on the row's own
	}
	if len(dep.Environment) > 1 || len(dep.Environment) == 1 && !dep.Environment[0].IsPlain() {
		d.fail(key+".environment", "is more than a name, but from: "+string(dep.From)+" gives its deployments one", "write one name, e.g. production")
	}
}
