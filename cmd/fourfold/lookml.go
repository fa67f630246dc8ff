package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"fourfold/dashboards/lookml"
)

// newLookML needs no configuration and no warehouse: the marts and the panels are the program's.
func newLookML() *cobra.Command {
	o := lookml.Defaults
	var out string
	c := &cobra.Command{
		Use:   "lookml --out FOLDER",
		Short: "Write a LookML project over the marts, for Looker",
		Long: `Write a LookML project over the marts: a view for each, the metric template under any filter, explores, and the
dashboards. It needs neither configuration nor warehouse.

What you add to the folder in files of your own stays, and a file of yours at one of its paths is an error before anything
is written. Its own files are written anew, and removed where they are not needed any more: refine them in files of your own.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("%q is too much: name the folder with --out", args[0])}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkLookML(out, o); err != nil {
				return usageError{err}
			}
			return writeLookML(cmd.OutOrStdout(), out, o)
		},
	}
	c.Flags().StringVar(&out, "out", "", "folder of the project")
	c.Flags().StringVar(&o.Language, "language", o.Language, "of dashboards and panels: en or ja")
	c.Flags().StringVar(&o.Connection, "connection", o.Connection, "name of Looker's connection to the warehouse")
	c.Flags().StringVar(&o.Schema, "schema", o.Schema, "where the marts are: dataset, or project.dataset")
	c.Flags().StringVar(&o.TimeZone, "timezone", o.TimeZone, "name of the configured time zone, for descriptions")
	c.Flags().StringVar(&o.WeekStart, "week-start", o.WeekStart, "monday or sunday, as the configuration has it")
	c.Flags().BoolVar(&o.People, "people", false, "make the panels that show persons, too")
	return c
}

func checkLookML(out string, o lookml.Options) error {
	switch {
	case out == "":
		return errors.New("--out is missing: name the folder of the project")
	case !slices.Contains([]string{"en", "ja"}, o.Language):
		return fmt.Errorf("--language %q is not known: use en or ja", o.Language)
	case !slices.Contains([]string{"monday", "sunday"}, o.WeekStart):
		return fmt.Errorf("--week-start %q is not known: use monday or sunday", o.WeekStart)
	}
	for flag, value := range map[string]string{"connection": o.Connection, "schema": o.Schema, "timezone": o.TimeZone} {
		if strings.TrimSpace(value) == "" {
			return fmt.Errorf("--%s is empty", flag)
		}
	}
	return nil
}

func writeLookML(say io.Writer, out string, o lookml.Options) error {
	files, err := lookml.Generate(o)
	if err != nil {
		return err
	}
	w, err := lookml.WriteTo(out, files)
	if err != nil {
		return err
	}
	fmt.Fprintf(say, "%s: %d files written, %d unchanged, %d removed\n", out, w.Written, w.Unchanged, w.Removed)
	return nil
}
