package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestServicesAreFoundByIncidentValuesWithoutCase(t *testing.T) {
	c := load(t, `
services:
- {name: API, team: Payments, incident_values: {Product: [Checkout, 決済], "Affected Area": [ÄRGER]}}
- {name: web, incident_values: {product: [Site]}}
`, nil)
	x := c.ServiceIndex()
	for _, tt := range []struct{ field, value, want string }{
		{"product", "CHECKOUT", "API"},
		{"Product", "決済", "API"},
		{"PRODUCT", " site ", "web"},
		{"affected area", "ärger", "API"},
		{"Product", "none", ""},
		{"Area", "Checkout", ""},
		{"", "", ""},
	} {
		got, ok := x.ByIncidentValue(tt.field, tt.value)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("%s: %s: got %q, %t; want %q", tt.field, tt.value, got, ok, tt.want)
		}
	}
	if x.Team("api") != "Payments" || x.Team("web") != "" || x.Team("other") != "" {
		t.Error("a team is wrong")
	}
	if s, ok := x.Service("WEB"); !ok || s.Name != "web" {
		t.Errorf("service: got %v, %t", s, ok)
	}
	if _, ok := x.Service("other"); ok {
		t.Error("a service that is not configured was found")
	}
}

func TestAServiceWithoutDeploymentsHasThoseOfProduction(t *testing.T) {
	c := load(t, "services: [{name: a}, {name: b, deployments: []}, {name: c, deployments: [{from: files}]}]", nil)
	production := []Glob{"production"}
	want := [][]Deployment{{{From: FromDeployments, Environment: production}}, {}, {{From: FromFiles, Environment: production}}}
	for i, s := range c.Services {
		if diff := cmp.Diff(want[i], s.Deployments); diff != "" {
			t.Errorf("%s (-want +got):\n%s", s.Name, diff)
		}
	}
}
