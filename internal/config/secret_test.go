package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestASecretNeverPrints(t *testing.T) {
	env := map[string]string{"KEY": "hunter2"}
	c := load(t, `sources: {incidentio: {api_key: "${KEY}"}}
digest: {webhook: "https://example.com/hunter2"}`, env)
	secret := c.Sources.Incidentio.APIKey
	var out bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).Info("x", "key", secret, "source", c.Sources.Incidentio, "config", c)
	}
	inside := struct{ hidden Secret }{secret}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%t", "%10.3f"} {
		fmt.Fprintf(&out, verb+verb+verb+verb, secret, c, *c.Sources.Incidentio, inside)
		if got := fmt.Sprintf(verb, secret); got != "***" {
			t.Errorf("%s: got %s", verb, got)
		}
	}
	asJSON, err := json.Marshal(map[string]any{"a": secret, "b": c})
	if err != nil {
		t.Fatal(err)
	}
	asYAML, err := yaml.Marshal(secret)
	if err != nil {
		t.Fatal(err)
	}
	asText, err := secret.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	out.Write(asJSON)
	out.Write(asYAML)
	out.Write(asText)
	if hex := fmt.Sprintf("%x", "hunter2"); strings.Contains(out.String(), "hunter2") || strings.Contains(out.String(), hex) {
		i := max(strings.Index(out.String(), "hunter2"), strings.Index(out.String(), hex))
		t.Errorf("the secret is in: …%s…", out.String()[max(0, i-200):min(out.Len(), i+200)])
	}
	if !strings.Contains(string(asJSON), `"a":"***"`) || !strings.Contains(string(asYAML), "***") || secret.String() != "***" || secret.GoString() != "***" {
		t.Errorf("not masked: %s %s", asJSON, asYAML)
	}
	if got, err := secret.Reveal(); err != nil || got != "hunter2" {
		t.Errorf("reveal: got %q, %v", got, err)
	}
}

func TestASecretIsResolvedWhenItIsRevealed(t *testing.T) {
	env := map[string]string{}
	c := load(t, "sources:\n  incidentio:\n    api_key: x-${KEY}\n", env)
	_, err := c.Sources.Incidentio.APIKey.Reveal()
	want := "fourfold.yaml:3: sources.incidentio.api_key: the environment variable KEY is not set: set it (export KEY=…), or write ${file:/path} to read the value from a file"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	env["KEY"] = "1"
	if got, err := c.Sources.Incidentio.APIKey.Reveal(); err != nil || got != "x-1" {
		t.Errorf("once it is set: got %q, %v", got, err)
	}
}

func TestASecretOfAFileFollowsTheFile(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "fourfold.yaml"), "digest: {webhook: \"${file:hook}\"}\n")
	c, err := Load(filepath.Join(dir, "fourfold.yaml"), noEnv)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Digest.Webhook.Reveal(); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "digest.webhook: cannot read ${file:hook}") {
		t.Errorf("without the file: got %v", err)
	}
	for _, want := range []string{"https://example.com/1", "https://example.com/2"} {
		write(t, filepath.Join(dir, "hook"), want+"\n")
		if got, err := c.Digest.Webhook.Reveal(); err != nil || got != want {
			t.Errorf("got %q, %v; want %q", got, err, want)
		}
	}
}

func TestNoErrorHoldsASecret(t *testing.T) {
	for _, text := range []string{
		"sources: {incidentio: {api_key: [hunter2]}}",
		"sources: {incidentio: {api_key: {hunter2: x}}}",
		"sources: {incidentio: {api_key: !hunter2 x}}",
		"sources: {incidentio: {api_key: *hunter2}}",
		"sources:\n  incidentio:\n    api_key: *hunter2\n",
		"sources: {incidentio: {api_key: 1232}}",
		"digest: {slack: hunter2}",
		"digest: {slack: \"https://:hunter2\"}",
		"dashboard: {auth: {user: x, password: 1232}}",
		"redash: {api_key: true}",
		"redash: {url: \"http://me:hunter2@host\"}",
		"sources: {github: {git_url: \"http://hunter2@host\"}}",
		"redash: {url: \"https://host/?key=hunter2\"}",
		"sources: {github: {git_url: \"ht!tp://me:hunter2@host\"}}",
	} {
		got := messages(t, text, nil)
		if joined := strings.Join(got, "\n"); len(got) == 0 || strings.Contains(joined, "hunter2") || strings.Contains(joined, "1232") {
			t.Errorf("%s: got %q", text, got)
		}
	}
}

func TestSecretsThatAreWrittenAlikeAreEqual(t *testing.T) {
	for _, tt := range []struct {
		a, b Secret
		want bool
	}{
		{Secret{}, Secret{}, true},
		{NewSecret("a"), NewSecret("a"), true},
		{NewSecret("a"), NewSecret("b"), false},
		{NewSecret("a"), Secret{}, false},
		{Secret{}, NewSecret("a"), false},
		{NewSecret(""), Secret{}, true},
	} {
		if got := tt.a.Equal(tt.b); got != tt.want {
			t.Errorf("got %t, want %t", got, tt.want)
		}
	}
	if NewSecret("").IsSet() || !NewSecret("a").IsSet() {
		t.Error("IsSet is wrong")
	}
	if got, err := NewSecret("a${b").Reveal(); err != nil || got != "a${b" {
		t.Errorf("a plain value is taken as it is: got %q, %v", got, err)
	}
}
