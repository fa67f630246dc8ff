package main

import "github.com/spf13/cobra"

// newDashboards holds the commands that make dashboards elsewhere, each in a file of its own.
func newDashboards(children ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{
		Use:   "dashboards",
		Short: "Make the dashboards elsewhere: a LookML project for Looker",
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(children...)
	return c
}
