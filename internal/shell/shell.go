package shell

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"fourfold/internal/render"
	"fourfold/load"
)

// ErrInterrupted says that a line was given up (Ctrl-C).
var ErrInterrupted = errors.New("interrupted")

// Shell is a prompt, or one of its commands.
type Shell struct {
	Tables []Table
	// Query runs one SELECT and has its answer shown.
	Query func(ctx context.Context, sql string, show func(*load.Rows, error) error) error
	Out   io.Writer // answers
	Err   io.Writer // what is said about them
	// Width is how many columns the terminal has; nil where there is none.
	Width   func() int
	Format  string
	Limit   int  // rows of an answer; 0 is all
	Escapes bool // in texts, by a backslash, as in BigQuery
	// Interrupts has a value for each Ctrl-C while a statement runs.
	Interrupts <-chan os.Signal
	// Remember keeps a line for the history.
	Remember func(line string)

	file       string // of the next answer
	fileFormat string // of that file; "" is that of all answers
	before     string // the lines of a statement that is not ended
}

// Before are the lines of the statement that is being written.
func (s *Shell) Before() string { return s.before }

// Run asks for lines until the end and does what they say. read gives a line without its end, io.EOF, or ErrInterrupted. A
// statement that fails is said, and the next may be better.
func (s *Shell) Run(ctx context.Context, read func(prompt string) (string, error)) error {
	fmt.Fprintln(s.Err, "Statements end with ; and may have several lines. .help lists what else there is.")
	for {
		prompt := "fourfold> "
		if s.before != "" {
			prompt = "     ...> "
		}
		line, err := read(prompt)
		switch {
		case errors.Is(err, ErrInterrupted):
			s.before = ""
			continue
		case errors.Is(err, io.EOF):
			fmt.Fprintln(s.Err)
			return nil
		case err != nil:
			return err
		}
		if quit := s.line(ctx, line); quit || ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// line does what a line says, and reports whether it was the last.
func (s *Shell) line(ctx context.Context, line string) (quit bool) {
	trimmed := strings.TrimSpace(line)
	if s.before == "" && strings.HasPrefix(trimmed, ".") {
		s.remember(trimmed)
		quit, err := s.Command(ctx, trimmed)
		if err != nil {
			fmt.Fprintln(s.Err, err)
		}
		return quit
	}
	statements, rest := Split(s.before+line+"\n", s.Escapes)
	s.before = rest
	if blank(rest, s.Escapes) {
		s.before = ""
	}
	for _, q := range statements {
		s.remember(OnOneLine(q, s.Escapes) + ";")
		if err := s.statement(ctx, q); err != nil {
			fmt.Fprintln(s.Err, render.Line(err.Error()))
			break // what follows it may have meant to build on it
		}
	}
	return false
}

func (s *Shell) remember(line string) {
	if s.Remember != nil {
		s.Remember(line)
	}
}

// where gives the file and the format of an answer; the file is for one only.
func (s *Shell) where() (file, format string, err error) {
	file, format = s.file, cmp.Or(s.fileFormat, s.Format)
	s.file, s.fileFormat = "", ""
	if format == "parquet" && file == "" {
		return "", "", errors.New("parquet is no text: name a file with .output FILE first, or choose another .format")
	}
	return file, format, nil
}

// statement runs one and shows its answer. Ctrl-C ends it.
func (s *Shell) statement(ctx context.Context, q string) error {
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	select {
	case <-s.Interrupts: // one that came too late for the statement before
	default:
	}
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-s.Interrupts:
			cancel()
		case <-done:
		}
	}()
	file, format, err := s.where()
	if err != nil {
		return err
	}
	begun := time.Now()
	err = s.Query(running, q, func(rows *load.Rows, err error) error {
		if err != nil {
			return err
		}
		if file == "" {
			_, err = Answer(s.Out, format, rows, s.Limit)
			return err
		}
		n, err := AnswerFile(file, format, rows, s.Limit)
		if err == nil {
			fmt.Fprintf(s.Err, "%s written to %s (%s) in %s\n", render.Count(n, "row"), file, format, time.Since(begun).Round(time.Millisecond))
		}
		return err
	})
	if err != nil && running.Err() != nil && ctx.Err() == nil {
		return errors.New("cancelled")
	}
	return err
}
