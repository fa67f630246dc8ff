package config

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// FuzzLoad promises that no file makes Load panic, that every error says where it is, that a secret of the environment is
// in none, and that what was loaded can be used, hashed and printed.
func FuzzLoad(f *testing.F) {
	f.Add(string(Example()))
	f.Add(string(uncommented()))
	for _, text := range []string{
		"", "\n---\n", "a: b: c", "- a", "? [a]\n: b", "<<: {a: b}", "services: &a [*a]", "data: !!binary x", "data: &x ${S}\ndbt: {command: *x}",
		"schedule: {run: \"TZ=x\"}", "schedule: {run: \"CRON_TZ= \"}", "schedule: {run: \"@every 1h\"}", "schedule: {run: \"*/0 * * * *\"}",
		"timezone: ../etc/passwd", "timezone: ${S}", "sources: {incidentio: {since: 0001-01-01}}\ntimezone: America/New_York",
		"sources: {github: {app: }}", "metrics: {failure_window: 0}", "metrics: {durations: {\"a.b[c]\": {from: x, to: y}}}",
		"redash: {url: \"http://[::1]:80/\"}", "dashboard: {listen: \"[::1]:80\"}", "data: \"\\0\"", "data: ${file:\\0}",
		"services: [{name: ${S}, deployments: [{from: tags, pattern: \"{\"}]}]", "warehouse: {memory_limit: 1e300TiB}", "\xff", "\ufeffdata: a",
	} {
		f.Add(text)
	}
	const secret = "q7hunter2q7"
	env := func(name string) (string, bool) { return secret, len(name)%2 == 1 }
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parse("fourfold.yaml", []byte(text), env)
		if err == nil {
			err = c.Use(append(c.SourceParts(), UseWarehouse, UsePrivacy, UseDashboard, UseSchedule, UseDigest, UseRedash)...)
			c.Hash()
			c.ServiceIndex()
			_ = fmt.Sprintf("%+v", c)
		}
		if err == nil {
			return
		}
		var errs Errors
		if !errors.As(err, &errs) || len(errs) == 0 {
			t.Fatalf("not Errors: %T %v", err, err)
		}
		for i, e := range errs {
			if e.Line <= 0 && e.Key == "" || e.Problem == "" || e.Fix == "" {
				t.Errorf("%q lacks its place, problem or fix", e)
			}
			if i > 0 && e.Line > 0 && e.Line < errs[i-1].Line {
				t.Errorf("line %d comes after line %d", e.Line, errs[i-1].Line)
			}
			if strings.Contains(e.Error(), secret) {
				t.Errorf("a secret is in %q", e)
			}
		}
	})
}
