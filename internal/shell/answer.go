package shell

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fourfold/internal/render"
	"fourfold/load"
)

// Formats are the formats of an answer.
var Formats = append(slices.Clone(render.Formats), "parquet")

// CheckFormat says of a format that is not known which are.
func CheckFormat(format string) error {
	if slices.Contains(Formats, format) {
		return nil
	}
	return fmt.Errorf("%q is not known: use one of %s", format, strings.Join(Formats, ", "))
}

// FormatOf is the format that a file's name ends in, or another where it ends in none.
func FormatOf(path, other string) string {
	if ext := strings.TrimPrefix(strings.ToLower(filepath.Ext(path)), "."); slices.Contains(Formats, ext) {
		return ext
	}
	return other
}

// Answer writes an answer, of at most limit rows (0 is all), and gives how many rows that were.
func Answer(w io.Writer, format string, rows *load.Rows, limit int) (written int64, err error) {
	if format == "parquet" {
		return render.Parquet(w, rows.Columns, rows.Types, rows.All, limit)
	}
	counted := func(yield func([]any, error) bool) {
		for row, err := range rows.All {
			if err == nil && (limit == 0 || written < int64(limit)) {
				written++
			}
			if !yield(row, err) {
				return
			}
		}
	}
	err = render.Rows(w, format, rows.Columns, iter.Seq2[[]any, error](counted), limit)
	return written, err
}

// AnswerFile writes an answer into a file, which is there whole or, where the answer breaks off, as it was before.
func AnswerFile(path, format string, rows *load.Rows, limit int) (written int64, err error) {
	if is, err := os.Stat(path); err == nil && !is.Mode().IsRegular() {
		return answerDevice(path, is, format, rows, limit)
	}
	part := path + ".part"
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return 0, fmt.Errorf("write the answer to %s: %w", path, cause(err))
	}
	written, err = Answer(f, format, rows, limit)
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		return written, errors.Join(fmt.Errorf("write the answer to %s: %w", path, err), os.Remove(part))
	}
	return written, nil
}

// answerDevice writes to what is no file, such as a pipe.
func answerDevice(path string, is fs.FileInfo, format string, rows *load.Rows, limit int) (int64, error) {
	if is.IsDir() {
		return 0, fmt.Errorf("write the answer to %s: it is a folder: name a file", path)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return 0, fmt.Errorf("write the answer to %s: %w", path, cause(err))
	}
	written, err := Answer(f, format, rows, limit)
	return written, errors.Join(err, f.Close())
}

// cause is an error of the file system without the path, which is named already.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
