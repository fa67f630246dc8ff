package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"fourfold/internal/config"
)

func newInit() *cobra.Command {
	var force bool
	c := &cobra.Command{
		Use:   "init [FILE]",
		Short: "Write a commented fourfold.yaml",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := config.DefaultFile
			if f := cmd.Flag("config"); f.Changed {
				path = f.Value.String()
			}
			if len(args) == 1 {
				path = args[0]
			}
			flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
			if force {
				flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
			}
			f, err := os.OpenFile(path, flags, 0o644)
			if errors.Is(err, fs.ErrExist) {
				return usageError{fmt.Errorf("%s is there already: edit it, or write it anew with --force", path)}
			}
			if err != nil {
				return err
			}
			_, err = f.Write(config.Example())
			if err = errors.Join(err, f.Close()); err != nil {
				return err
			}
			fmt.Fprintf(os.Stdout, "Wrote %s. Set INCIDENT_IO_API_KEY in the environment, name your services in it, then `fourfold run`.\n", path)
			return nil
		},
	}
	c.Flags().BoolVar(&force, "force", false, "write over a file that is there")
	return c
}
