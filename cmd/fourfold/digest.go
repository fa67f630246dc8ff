package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"fourfold/dashboards/digest"
	"fourfold/internal/config"
)

func newDigest(o *options) *cobra.Command {
	var dryRun bool
	c := &cobra.Command{
		Use:   "digest",
		Short: "Tell Slack, Google Chat or a webhook how the last week went, and which follow-ups to chase",
		Long: `Tell how the last week that was over as of the published build went, in six lines, with the follow-ups to chase: to each of
digest.slack, digest.google_chat and digest.webhook that is configured. One that fails keeps none of the others from being told.
With schedule.digest, serve does it at its times.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a, err := o.load()
			if err != nil {
				return err
			}
			return a.digest(cmd.Context(), dryRun)
		},
	}
	c.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be told, and tell nobody")
	return c
}

func (a *app) digest(ctx context.Context, dryRun bool) (err error) {
	parts := []config.Part{config.UseWarehouse}
	if !dryRun { // what is told can be looked at before there is anybody to tell
		parts = append(parts, config.UseDigest)
	}
	if err := a.cfg.Use(parts...); err != nil {
		return err
	}
	var targets []digest.Target
	if !dryRun {
		if targets, err = a.targets(); err != nil {
			return err
		}
	}
	sheet, done, err := a.openSheet(ctx, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	d, err := digest.Make(ctx, sheet, string(a.cfg.Dashboard.PublicURL))
	if err != nil {
		return err
	}
	if dryRun {
		return a.showDigest(d)
	}
	told, err := digest.Poster{}.Post(ctx, d, targets)
	for _, kind := range told {
		a.log.Info("digest told", "target", string(kind), "build", d.Build, "from", d.From, "to", d.To)
	}
	return err
}

// checkDigest finds before the first Monday what would keep a scheduled digest from being told.
func (a *app) checkDigest() error {
	if a.cfg.Schedule.Digest.Off() {
		return nil
	}
	if err := a.cfg.Use(config.UseDigest); err != nil {
		return err
	}
	_, err := a.targets()
	return err
}

// targets are those that are configured, in the order of the configuration.
func (a *app) targets() ([]digest.Target, error) {
	var out []digest.Target
	for _, t := range []struct {
		kind   digest.Kind
		secret config.Secret
	}{{digest.Slack, a.cfg.Digest.Slack}, {digest.GoogleChat, a.cfg.Digest.GoogleChat}, {digest.Webhook, a.cfg.Digest.Webhook}} {
		address, err := t.secret.Reveal()
		if err != nil {
			return nil, err
		}
		if address != "" {
			a.redactor.Add(address)
			out = append(out, digest.Target{Kind: t.kind, Address: address})
		}
	}
	if len(out) == 0 {
		return nil, a.cfg.Problem("digest", "names nobody to tell", "write slack, google_chat or webhook, or look at it with --dry-run")
	}
	return out, nil
}

// showDigest prints the text, and what each configured target would be sent.
func (a *app) showDigest(d *digest.Digest) error {
	fmt.Fprint(a.out, d.Text())
	for _, t := range []struct {
		kind digest.Kind
		set  bool
	}{
		{digest.Slack, a.cfg.Digest.Slack.IsSet()}, {digest.GoogleChat, a.cfg.Digest.GoogleChat.IsSet()}, {digest.Webhook, a.cfg.Digest.Webhook.IsSet()},
	} {
		if !t.set {
			continue
		}
		body, err := t.kind.Message(d)
		if err != nil {
			return err
		}
		fmt.Fprintf(a.out, "\n%s would be sent:\n", t.kind)
		if err := writeJSON(a.out, json.RawMessage(body)); err != nil {
			return err
		}
	}
	return nil
}
