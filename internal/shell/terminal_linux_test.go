package shell

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"fourfold/load"
)

// terminalHistory is the variable by which this test's program is a prompt: its history.
const terminalHistory = "FOURFOLD_TEST_TERMINAL_HISTORY"

func TestMain(m *testing.M) {
	if path := os.Getenv(terminalHistory); path != "" {
		if err := promptOnTerminal(path); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// promptOnTerminal is a prompt whose statements answer themselves; "long" runs until it is interrupted.
func promptOnTerminal(path string) error {
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	s := &Shell{Tables: some, Out: os.Stdout, Err: os.Stdout, Format: "csv", Interrupts: interrupts}
	s.Query = func(ctx context.Context, sql string, show func(*load.Rows, error) error) error {
		if sql == "long" {
			fmt.Println("it runs")
			<-ctx.Done()
			return ctx.Err()
		}
		return echo(ctx, sql, show)
	}
	e, err := OpenEditor(path, func(line string, pos int) (string, []string, string) {
		return Complete(s.Tables, s.Before(), line, pos)
	})
	if err != nil {
		return err
	}
	defer e.Close()
	s.Remember = func(line string) {
		if err := e.Remember(line); err != nil {
			fmt.Println(err)
		}
	}
	return s.Run(context.Background(), func(prompt string) (string, error) { return e.Read(context.Background(), prompt) })
}

// terminal is one that a program runs on.
type terminal struct {
	t    *testing.T
	f    *os.File
	seen string
}

func openTerminal(t *testing.T) (main, program *os.File) {
	t.Helper()
	main, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(int(main.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(main.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetWinsize(int(main.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 40, Col: 120})
	}
	if err == nil {
		program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	return main, program
}

// types types something, and reads until the terminal shows what is expected after what was expected before.
func (x *terminal) types(keys, expected string) {
	x.t.Helper()
	if _, err := x.f.WriteString(keys); err != nil {
		x.t.Fatal(err)
	}
	for !strings.Contains(x.seen, expected) {
		b := make([]byte, 4096)
		n, err := x.f.Read(b)
		if err != nil {
			x.t.Fatalf("after %q the terminal ends with %q, without %q: %v", keys, x.seen, expected, err)
		}
		x.seen += string(b[:n])
	}
	_, x.seen, _ = strings.Cut(x.seen, expected)
}

func TestOnATerminalLinesAreCompletedRecalledAndInterrupted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sql_history")
	if err := os.WriteFile(path, []byte("select 'of before';\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	main, program := openTerminal(t)
	defer main.Close()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), terminalHistory+"="+path, "TERM=xterm")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = program, program, program
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if err := program.Close(); err != nil {
		t.Fatal(err)
	}
	x := &terminal{t: t, f: main}
	prompt := func() { x.types("", "fourfold> ") } // from then on keys are the editor's
	prompt()
	x.types("\x1b[A\r", "asked\r\nselect 'of before'\r\n") // the arrow up
	prompt()
	x.types("select * from fct_i\t;\r", "asked\r\nselect * from fct_incidents\r\n")
	prompt()
	x.types("given up\x03", "^C\r\n")
	prompt()
	x.types("long;\r", "it runs\r\n")
	x.types("\x03", "cancelled\r\n")
	prompt()
	x.types("select\r", "...> ")
	x.types("1;\r", "asked\r\n\"select\r\n1\"\r\n")
	prompt()
	x.types("\x04", "\r\n") // Ctrl-D
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	text, err := os.ReadFile(path)
	if want := "select 'of before';\nselect 'of before';\nselect * from fct_incidents;\nlong;\nselect 1;\n"; err != nil || string(text) != want {
		t.Errorf("%v: the history is %q, want %q", err, text, want)
	}
}
