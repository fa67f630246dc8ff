package shell

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/peterh/liner"
)

// Editor edits lines on the terminal, with a history in a file that only its owner may read.
type Editor struct {
	state *liner.State
	path  string
}

// OpenEditor takes over the terminal until Close. The history is read from path; complete is as liner.WordCompleter is.
func OpenEditor(path string, complete func(line string, pos int) (head string, words []string, tail string)) (*Editor, error) {
	lines, err := readHistory(path)
	if err != nil {
		return nil, err
	}
	e := &Editor{liner.NewLiner(), path}
	for _, l := range lines {
		e.state.AppendHistory(l)
	}
	e.state.SetCtrlCAborts(true)
	e.state.SetTabCompletionStyle(liner.TabPrints)
	e.state.SetWordCompleter(complete)
	return e, nil
}

// Close gives the terminal back.
func (e *Editor) Close() error { return e.state.Close() }

// Read reads a line. Its errors are io.EOF, ErrInterrupted, or those of the context: whoever ends it then closes the editor.
func (e *Editor) Read(ctx context.Context, prompt string) (string, error) {
	type answer struct {
		line string
		err  error
	}
	got := make(chan answer, 1)
	go func() {
		line, err := e.state.Prompt(prompt)
		got <- answer{line, err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case a := <-got:
		if errors.Is(a.err, liner.ErrPromptAborted) {
			return "", ErrInterrupted
		}
		return a.line, a.err
	}
}

// Remember adds a line to the history and its file.
func (e *Editor) Remember(line string) error {
	e.state.AppendHistory(line)
	f, err := os.OpenFile(e.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("keep the history of sql: %w", err)
	}
	_, err = f.WriteString(line + "\n")
	return errors.Join(err, f.Close())
}

// readHistory gives the lines that are kept, and shortens the file where it has become long.
func readHistory(path string) ([]string, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if err == nil {
		err = os.Chmod(path, 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("history of sql: %w", err)
	}
	var lines []string
	for l := range strings.SplitSeq(string(text), "\n") {
		if l != "" && utf8.ValidString(l) {
			lines = append(lines, l)
		}
	}
	if len(lines) <= 2*liner.HistoryLimit {
		return lines, nil
	}
	lines = lines[len(lines)-liner.HistoryLimit:]
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("shorten the history of sql: %w", err)
	}
	return lines, nil
}
