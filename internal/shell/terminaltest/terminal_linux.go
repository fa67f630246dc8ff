package terminaltest

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// Terminal is one that a program runs on.
type Terminal struct {
	tb   testing.TB
	f    *os.File
	seen string
}

// Start starts a command on a new terminal of 120 columns.
func Start(tb testing.TB, cmd *exec.Cmd) *Terminal {
	tb.Helper()
	f, program, err := open()
	if err != nil {
		tb.Fatal("open a terminal: ", err)
	}
	tb.Cleanup(func() { f.Close() })
	cmd.Env = append(cmd.Env, "TERM=xterm")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = program, program, program
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	err = cmd.Start()
	if closeErr := program.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		tb.Fatal(err)
	}
	return &Terminal{tb: tb, f: f}
}

// open gives both ends of a terminal.
func open() (ours, program *os.File, err error) {
	ours, err = os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		return nil, nil, err
	}
	fd := int(ours.Fd())
	if err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		return nil, nil, err
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 40, Col: 120})
	}
	if err == nil {
		program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	}
	return ours, program, err
}

// Types types keys, and reads until the terminal shows what is expected after what was expected before.
func (x *Terminal) Types(keys, expected string) {
	x.tb.Helper()
	if _, err := x.f.WriteString(keys); err != nil {
		x.tb.Fatal(err)
	}
	for !strings.Contains(x.seen, expected) {
		b := make([]byte, 4096)
		n, err := x.f.Read(b)
		if err != nil {
			x.tb.Fatalf("after %q the terminal ends with %q, without %q: %v", keys, x.seen, expected, err)
		}
		x.seen += string(b[:n])
	}
	_, x.seen, _ = strings.Cut(x.seen, expected)
}
