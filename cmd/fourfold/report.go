package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"fourfold/dashboards/report"
	"fourfold/dashboards/web"
	"fourfold/internal/config"
)

func newReport(o *options) *cobra.Command {
	var out, period, language, format string
	c := &cobra.Command{
		Use:   "report",
		Short: "Write the numbers of a month, week or quarter as one file to send, print or put into a wiki",
		Long: `Write the numbers of a period as one file. HTML has pictures and tables in a single file without script, which opens from
a mail and prints on A4; markdown has the tables, for a wiki. The period is the last one that was over as of the published build.`,
		Example: `  fourfold report --out october.html --period 2026-10
  fourfold report --format markdown --period last-week --language ja`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := report.CheckPeriod(period); err != nil {
				return usageError{err}
			}
			switch {
			case format != "html" && format != "markdown":
				return usageError{fmt.Errorf("--format %q is not known: use html or markdown", format)}
			case format == "html" && out == "":
				return usageError{errors.New("report: --out names no file: write e.g. --out report.html, or --out - for the standard output")}
			}
			if language != "" && language != "en" && language != "ja" {
				return usageError{fmt.Errorf("--language %q is not known: use en or ja", language)}
			}
			a, err := o.load()
			if err != nil {
				return err
			}
			return a.report(cmd.Context(), period, language, format, out)
		},
	}
	c.Flags().StringVar(&out, "out", "", "file to write; - is the standard output, as is none for markdown")
	c.Flags().StringVar(&period, "period", report.LastMonth, "last-month, last-week, last-quarter or a month such as 2026-10")
	c.Flags().StringVar(&language, "language", "", "en or ja, in place of dashboard.language")
	c.Flags().StringVar(&format, "format", "html", "html or markdown")
	return c
}

func (a *app) report(ctx context.Context, period, language, format, out string) (err error) {
	if err := a.cfg.Use(config.UseWarehouse); err != nil {
		return err
	}
	sheet, done, err := a.openSheet(ctx, language)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	d, err := report.Make(ctx, sheet, period)
	var wrong report.PeriodError
	if errors.As(err, &wrong) {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	text := report.Markdown(d)
	if format == "html" {
		if text, err = report.HTML(d); err != nil {
			return err
		}
	}
	if out == "" || out == "-" {
		_, err = a.out.Write(text)
		return err
	}
	return writeWhole(out, text)
}

// openSheet reads the published build for what shows it elsewhere than on the page.
func (a *app) openSheet(ctx context.Context, language string) (*web.Sheet, func() error, error) {
	d := a.cfg.Dashboard
	r, err := a.engine.Reader(ctx)
	if err != nil {
		return nil, nil, err
	}
	sheet, err := web.OpenSheet(ctx, web.SheetOptions{
		Querier: querier{r, d.RowLimit}, Engine: a.engine.Engine(), Language: cmp.Or(language, string(d.Language)),
		QueryTimeout: d.QueryTimeout.Duration, AtOnce: a.engine.AtOnce(), RowLimit: d.RowLimit,
	})
	if err != nil {
		return nil, nil, errors.Join(err, r.Close())
	}
	return sheet, r.Close, nil
}

// writeWhole writes a file that is there whole or not at all. What is no file, as /dev/stdout, is written to.
func writeWhole(path string, text []byte) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return fmt.Errorf("report: %w", err)
		}
		return nil
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".fourfold-*")
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("report: write %s: %w", path, errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}
