// Command fourfold turns incidents and deployments into numbers that a team can trust. This folder holds flags and
// wiring; the work is done by the packages it wires.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"fourfold/internal/config"
)

// Exit codes.
const (
	exitFailed  = 1
	exitUsage   = 2 // wrong flags, arguments or configuration
	exitPartial = 3 // some streams failed and the rest landed
)

// version is set by the build.
var version = "dev"

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	signal.Ignore(syscall.SIGXFSZ) // a limit on the size of files is then an error of who writes
	context.AfterFunc(ctx, stop)   // a second interrupt ends the program at once
	root := newRoot()
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return 0
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "fourfold: interrupted: what has landed stays, and the next run goes on from there")
		return exitFailed
	}
	fmt.Fprintf(os.Stderr, "fourfold: %v\n", err)
	return exitCode(err)
}

// usageError is a mistake in flags or arguments.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// partialError says that some streams failed and the rest landed.
type partialError struct{ error }

func (e partialError) Unwrap() error { return e.error }

func exitCode(err error) int {
	var usage usageError
	var partial partialError
	var conf config.Errors
	var one *config.Error
	switch {
	case errors.As(err, &usage), errors.As(err, &conf), errors.As(err, &one):
		return exitUsage
	case errors.As(err, &partial):
		return exitPartial
	default:
		return exitFailed
	}
}

func newRoot() *cobra.Command {
	var o options
	root := &cobra.Command{
		Use:           "fourfold",
		Short:         "Four Keys and incident analytics from incident.io and GitHub",
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("%q is not a command: `fourfold help` lists them", args[0])}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w: `%s --help` lists the flags", err, cmd.CommandPath())}
	})
	root.PersistentFlags().StringVar(&o.config, "config", "", "configuration file (default fourfold.yaml in the current folder)")
	for _, c := range []*cobra.Command{
		newInit(), newDoctor(&o), newSync(&o), newBuild(&o), newRun(&o), newServe(&o), newSQL(&o), newStatus(&o), newExplain(&o), newReport(&o), newDigest(&o), newDashboards(&o), newCopy(&o), newDemo(),
	} {
		args := c.Args
		c.Args = func(cmd *cobra.Command, a []string) error {
			if args == nil {
				args = cobra.NoArgs
			}
			if err := args(cmd, a); err != nil {
				return usageError{fmt.Errorf("%w: `%s --help` says how to use it", err, cmd.CommandPath())}
			}
			return nil
		}
		root.AddCommand(c)
	}
	return root
}
