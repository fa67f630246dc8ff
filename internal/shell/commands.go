package shell

import (
	"context"
	"fmt"
	"iter"
	"os"
	"strings"

	"fourfold/load"
)

type command struct {
	name, takes, does string
	alone             bool // may be an argument of the program, without a prompt
	run               func(s *Shell, arg string) error
}

var commands []command

func init() {
	commands = []command{
		{".tables", "", "the tables, and what a row of each is", true, (*Shell).listTables},
		{".schema", "[TABLE]", "the columns of a table, or of all: types and meaning", true, (*Shell).showSchema},
		{".format", strings.Join(Formats, "|"), "how answers are written", false, (*Shell).setFormat},
		{".output", "[FILE]", "write the next answer to a file; without one, to the screen", false, (*Shell).setOutput},
		{".help", "", "this list", true, (*Shell).help},
		{".quit", "", "end; so does Ctrl-D", false, nil},
	}
}

// Alone reports whether a command may be an argument of the program.
func Alone(line string) error {
	name, _, _ := strings.Cut(line, " ")
	var may []string
	for _, c := range commands {
		if c.alone {
			may = append(may, c.name)
			if c.name == name {
				return nil
			}
		}
	}
	return fmt.Errorf("%s is not for the command line: %s are, and all others for the prompt of `fourfold sql`", name, strings.Join(may, ", "))
}

// Command does what a line that begins with a dot says, and reports whether it ends the prompt.
func (s *Shell) Command(_ context.Context, line string) (quit bool, err error) {
	name, arg, _ := strings.Cut(strings.TrimSuffix(strings.TrimSpace(line), ";"), " ")
	arg = strings.TrimSpace(arg)
	if name == ".exit" {
		name = ".quit"
	}
	for _, c := range commands {
		switch {
		case c.name != name:
		case arg != "" && c.takes == "":
			return false, fmt.Errorf("%s takes nothing after it", name)
		case c.run == nil:
			return true, nil
		default:
			return false, c.run(s, arg)
		}
	}
	return false, fmt.Errorf("%s is not known: .help lists what there is", name)
}

// CommandTo does what a line that begins with a dot says, and writes what it shows to a file.
func (s *Shell) CommandTo(ctx context.Context, path, line string) error {
	if s.Format == "table" {
		var text strings.Builder
		s.Out = &text
		if _, err := s.Command(ctx, line); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text.String()), 0o644); err != nil {
			return fmt.Errorf("write the answer to %s: %w", path, cause(err))
		}
		return nil
	}
	s.file, s.fileFormat = path, s.Format
	_, err := s.Command(ctx, line)
	return err
}

func (s *Shell) width() int {
	if s.Width == nil {
		return widest
	}
	return s.Width()
}

func (s *Shell) listTables(string) error {
	if s.Format == "table" {
		return writeTables(s.Out, s.Tables, s.width())
	}
	var rows [][]any
	for _, t := range s.Tables {
		rows = append(rows, []any{t.Name, t.Description})
	}
	return s.show([]string{"table_name", "description"}, rows)
}

func (s *Shell) showSchema(name string) error {
	of := s.Tables
	if name != "" {
		t, err := find(s.Tables, name)
		if err != nil {
			return err
		}
		of = []Table{t}
	}
	var rows [][]any
	for i, t := range of {
		for _, c := range t.Columns {
			rows = append(rows, []any{t.Name, c.Name, c.Type, c.Description})
		}
		if s.Format != "table" {
			continue
		}
		if i > 0 {
			fmt.Fprintln(s.Out)
		}
		if err := writeSchema(s.Out, t, s.width()); err != nil {
			return err
		}
	}
	if s.Format == "table" {
		return nil
	}
	return s.show([]string{"table_name", "column_name", "type", "description"}, rows)
}

// show writes what is known without a query as an answer is written.
func (s *Shell) show(columns []string, rows [][]any) error {
	types := make([]string, len(columns))
	all := iter.Seq2[[]any, error](func(yield func([]any, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	})
	answer := &load.Rows{Columns: columns, Types: types, All: all}
	file, format, err := s.where()
	switch {
	case err != nil:
	case file != "":
		_, err = AnswerFile(file, format, answer, 0)
	default:
		_, err = Answer(s.Out, format, answer, 0)
	}
	return err
}

func (s *Shell) setFormat(name string) error {
	if name == "" {
		fmt.Fprintln(s.Out, s.Format)
		return nil
	}
	if err := CheckFormat(name); err != nil {
		return fmt.Errorf(".format %w", err)
	}
	s.Format = name
	return nil
}

func (s *Shell) setOutput(path string) error {
	s.file = strings.Trim(path, `'"`)
	s.fileFormat = FormatOf(s.file, "")
	return nil
}

func (s *Shell) help(string) error {
	for _, c := range commands {
		fmt.Fprintf(s.Out, "%-40s %s\n", strings.TrimSpace(c.name+" "+c.takes), c.does)
	}
	fmt.Fprintln(s.Out, "\nA statement is one SELECT; it ends with a semicolon. Tab completes tables, columns and keywords, Ctrl-R searches the\nhistory, Ctrl-C gives up a line or a running statement. docs/sql.md has questions to begin with.")
	return nil
}
