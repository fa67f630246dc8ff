package shell

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"testing"

	"fourfold/internal/shell/terminaltest"
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

func TestOnATerminalLinesAreCompletedRecalledAndInterrupted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sql_history")
	if err := os.WriteFile(path, []byte("select 'of before';\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), terminalHistory+"="+path)
	x := terminaltest.Start(t, cmd)
	prompt := func() { x.Types("", "fourfold> ") } // from then on keys are the editor's
	prompt()
	x.Types("\x1b[A\r", "asked\r\nselect 'of before'\r\n") // the arrow up
	prompt()
	x.Types("select * from fct_i\t;\r", "asked\r\nselect * from fct_incidents\r\n")
	prompt()
	x.Types("given up", "given up") // what the editor shows it has read, Ctrl-C too
	x.Types("\x03", "^C\r\n")
	prompt()
	x.Types("long;\r", "it runs\r\n")
	x.Types("\x03", "cancelled\r\n")
	prompt()
	x.Types("select\r", "...> ")
	x.Types("1;\r", "asked\r\n\"select\r\n1\"\r\n")
	prompt()
	x.Types("\x04", "\r\n") // Ctrl-D
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	text, err := os.ReadFile(path)
	if want := "select 'of before';\nselect 'of before';\nselect * from fct_incidents;\nlong;\nselect 1;\n"; err != nil || string(text) != want {
		t.Errorf("%v: the history is %q, want %q", err, text, want)
	}
}
