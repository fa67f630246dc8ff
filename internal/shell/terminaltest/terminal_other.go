//go:build !linux

package terminaltest

import (
	"os/exec"
	"testing"
)

// Terminal is one that a program runs on.
type Terminal struct{ tb testing.TB }

// Start fails: how a terminal is opened differs between systems.
func Start(tb testing.TB, _ *exec.Cmd) *Terminal {
	tb.Helper()
	tb.Fatal("programs on a terminal are tested on Linux only")
	return nil
}

// Types does nothing.
func (x *Terminal) Types(string, string) {}
