package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// LookupEnv gives an environment variable and whether it is set. os.LookupEnv is one.
type LookupEnv func(name string) (value string, set bool)

// A template is a text that may hold references: literals, ${NAME} and ${file:/path}, in their order.
type template []part

type part struct {
	literal string
	env     string // name of an environment variable
	file    string // path of a file
}

var envName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// parseTemplate takes a text apart. Its errors hold nothing of the text, which may be a secret.
func parseTemplate(text string) (template, error) {
	var out template
	literal := ""
	for {
		i := strings.Index(text, "${")
		if i < 0 {
			break
		}
		if i > 0 && text[i-1] == '$' { // $${ stands for ${
			literal += text[:i-1] + "${"
			text = text[i+2:]
			continue
		}
		literal += text[:i]
		name, rest, closed := strings.Cut(text[i+2:], "}")
		if !closed {
			return nil, errors.New(`opens a "${" that no "}" closes`)
		}
		if literal != "" {
			out = append(out, part{literal: literal})
			literal = ""
		}
		path, isFile := strings.CutPrefix(name, "file:")
		switch {
		case strings.Contains(name, "${"):
			return nil, errors.New(`has a "${" inside a "${"`)
		case isFile && path == "":
			return nil, errors.New(`has a "${file:}" without a path`)
		case isFile:
			out = append(out, part{file: path})
		case envName.MatchString(name):
			out = append(out, part{env: name})
		default:
			return nil, errors.New(`has a "${…}" that holds no name of an environment variable`)
		}
		text = rest
	}
	if literal += text; literal != "" {
		out = append(out, part{literal: literal})
	}
	return out, nil
}

const templateFix = "write ${NAME} for an environment variable, ${file:/path} for a file's content, $${ for a plain ${"

// refers reports whether there is any reference in the template.
func (t template) refers() bool {
	for _, p := range t {
		if p.env != "" || p.file != "" {
			return true
		}
	}
	return false
}

// A missing reference is one that could not be resolved.
type missing struct {
	problem, fix string
	err          error
}

// resolve puts the values of references in their places. Relative paths start from dir.
func (t template) resolve(env LookupEnv, dir string) (string, *missing) {
	var out strings.Builder
	for _, p := range t {
		switch {
		case p.env != "":
			value, set := env(p.env)
			if !set {
				return "", &missing{
					problem: "the environment variable " + p.env + " is not set",
					fix:     "set it (export " + p.env + "=…), or write ${file:/path} to read the value from a file",
				}
			}
			out.WriteString(value)
		case p.file != "":
			value, err := readSmall(p.file, dir)
			if err != nil {
				return "", &missing{
					problem: "cannot read ${file:" + p.file + "}: " + err.Error(),
					fix:     "make that file readable, or correct its path (relative ones start from the folder of this file)",
					err:     err,
				}
			}
			out.WriteString(value)
		default:
			out.WriteString(p.literal)
		}
	}
	return out.String(), nil
}

// largestFile is far above any key and keeps a wrong path from filling the memory.
const largestFile = 1 << 20

// readSmall reads a regular file less its trailing newlines. Its errors name no path: the caller has the one that was
// written.
func readSmall(path, dir string) (string, error) {
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	info, err := os.Stat(path) // before opening, since opening a pipe waits
	if err != nil {
		return "", bare(err)
	}
	if !info.Mode().IsRegular() {
		return "", errors.New("it is not a regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return "", bare(err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, largestFile+1))
	if err != nil {
		return "", bare(err)
	}
	if len(data) > largestFile {
		return "", fmt.Errorf("it is larger than %d bytes", largestFile)
	}
	return strings.TrimRight(string(data), "\r\n"), nil
}

// bare takes the path off an error of the file system.
func bare(err error) error {
	if path, ok := errors.AsType[*os.PathError](err); ok {
		return path.Err
	}
	return err
}
