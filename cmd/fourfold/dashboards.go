package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newDashboards(o *options) *cobra.Command {
	c := &cobra.Command{
		Use:   "dashboards",
		Short: "Make the dashboards in Redash, or as a LookML project for Looker",
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	for _, sub := range []*cobra.Command{newRedash(o), newLookML()} {
		if sub.Args != nil {
			c.AddCommand(sub)
			continue
		}
		sub.Args = func(cmd *cobra.Command, args []string) error {
			if err := cobra.NoArgs(cmd, args); err != nil {
				return usageError{fmt.Errorf("%w: `%s --help` says how to use it", err, cmd.CommandPath())}
			}
			return nil
		}
		c.AddCommand(sub)
	}
	return c
}
