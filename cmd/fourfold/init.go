package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"fourfold/extract"
	"fourfold/internal/config"
	"fourfold/internal/propose"
)

func newInit() *cobra.Command {
	var force, offline bool
	var o propose.Options
	c := &cobra.Command{
		Use:   "init [FILE]",
		Short: "Write a commented fourfold.yaml",
		Long: `Write a commented fourfold.yaml.

With INCIDENT_IO_API_KEY or GITHUB_TOKEN in the environment it asks what there is and proposes repositories, production
environments, services with the values that name them, teams, timestamps and the field for causes, each with where it
came from. No key is written into the file. --offline asks nobody.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := config.DefaultFile
			if f := cmd.Flag("config"); f.Changed {
				path = f.Value.String()
			}
			if len(args) == 1 {
				path = args[0]
			}
			if !offline {
				o.IncidentioKey, o.GitHubToken = strings.TrimSpace(os.Getenv("INCIDENT_IO_API_KEY")), strings.TrimSpace(os.Getenv("GITHUB_TOKEN"))
			}
			for flag, address := range map[string]string{
				"incidentio-url": o.IncidentioURL, "github-url": o.APIURL, "github-graphql-url": o.GraphQLURL, "github-git-url": o.GitURL,
			} {
				if err := checkAddress(flag, address); err != nil {
					return err
				}
			}
			return initialise(cmd.Context(), path, force, o)
		},
	}
	c.Flags().BoolVar(&force, "force", false, "write over a file that is there")
	c.Flags().BoolVar(&offline, "offline", false, "ask nobody, whatever keys there are")
	c.Flags().StringArrayVar(&o.Owners, "owner", nil, "owner of repositories to look at, may be given several times (default: all that the token sees)")
	c.Flags().StringVar(&o.IncidentioURL, "incidentio-url", "", "address of incident.io's API (default "+propose.DefaultIncidentioURL+")")
	c.Flags().StringVar(&o.APIURL, "github-url", "", "address of GitHub's REST API (default "+propose.DefaultAPIURL+"; Enterprise: https://HOST/api/v3/)")
	c.Flags().StringVar(&o.GraphQLURL, "github-graphql-url", "", "address of GitHub's GraphQL API (default: the one that goes with --github-url)")
	c.Flags().StringVar(&o.GitURL, "github-git-url", "", "address that repositories are fetched from (default: the one that goes with --github-url)")
	return c
}

// checkAddress refuses what the configuration would not take.
func checkAddress(flag, address string) error {
	if address == "" {
		return nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return usageError{fmt.Errorf("--%s is not an http or https address such as https://api.example.com/, without user, ? and #", flag)}
	}
	return nil
}

// initialise writes the file, with proposals where there are keys. It asks nobody for a file that it could not write.
func initialise(ctx context.Context, path string, force bool, o propose.Options) error {
	there := usageError{fmt.Errorf("%s is there already: edit it, or write it anew with --force", path)}
	if _, err := os.Lstat(path); err == nil && !force {
		return there
	}
	o.Redactor, o.Version, o.Today = &extract.Redactor{}, version, now()
	o.Redactor.Add(o.IncidentioKey)
	o.Redactor.Add(o.GitHubToken)
	o.Logger = slog.New(o.Redactor.Handler(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if o.IncidentioKey != "" || o.GitHubToken != "" {
		fmt.Fprintln(os.Stderr, "Asking what there is, with the keys in the environment; --offline asks nobody.")
	}
	p, err := propose.Make(ctx, o)
	if err != nil {
		return err
	}
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if force {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	f, err := os.OpenFile(path, flags, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return there
	}
	if err != nil {
		return err
	}
	_, err = f.Write(p.File)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	for _, line := range p.Found {
		fmt.Fprintf(os.Stdout, "Proposed from %s.\n", line)
	}
	next := "Set INCIDENT_IO_API_KEY in the environment, name your services in it, then `fourfold run`."
	if len(p.Found) > 0 {
		next = "Look through what is proposed in it, then `fourfold run`."
	}
	fmt.Fprintf(os.Stdout, "Wrote %s. %s\n", path, next)
	if len(p.Failed) == 0 {
		return nil
	}
	words := make([]string, len(p.Failed))
	for i, e := range p.Failed {
		words[i] = e.Error()
	}
	return partialError{fmt.Errorf("%s is written without what could not be asked for: %s", path, strings.Join(words, "; "))}
}
