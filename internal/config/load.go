package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// DefaultFile is the file that is read when none is named.
const DefaultFile = "fourfold.yaml"

// Load reads a configuration. An empty path means fourfold.yaml in the current folder, or the defaults when there is no
// such file; a path that is given must exist. Whatever is wrong comes back at once, as Errors.
func Load(path string, env LookupEnv) (*Config, error) {
	file := path
	if file == "" {
		file = DefaultFile
	}
	data, err := os.ReadFile(file)
	switch {
	case err == nil:
	case path == "" && errors.Is(err, fs.ErrNotExist):
		return parse("", nil, env)
	case errors.Is(err, fs.ErrNotExist):
		return nil, Errors{{
			File: file, Problem: "there is no such file", Err: err,
			Fix: "correct --config, or write a file with `fourfold init`",
		}}
	default:
		return nil, Errors{{File: file, Problem: "cannot read the file: " + bare(err).Error(), Fix: "make it readable", Err: err}}
	}
	return parse(file, data, env)
}

// parse is Load for the content of a file; an empty name means that there is none.
func parse(file string, data []byte, env LookupEnv) (*Config, error) {
	dir, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return nil, Errors{{File: file, Problem: "cannot find the current folder: " + err.Error(), Fix: "start fourfold in a folder that exists", Err: err}}
	}
	root, problem := readYAML(data)
	if problem != nil {
		problem.File = file
		return nil, Errors{problem}
	}
	d := &decoder{
		file: file, env: env, scope: scope{dir: dir, zone: time.UTC},
		lines: map[string]int{}, silent: map[string]bool{},
	}
	c := &Config{}
	d.structure("", root, reflect.ValueOf(c).Elem())
	if d.nodes > mostNodes {
		return nil, d.errs.sorted() // what was not read cannot be judged
	}
	c.file, c.dir, c.lines, c.secrets = file, dir, d.lines, d.secrets
	d.settle(c)
	d.validate(c)
	for _, p := range d.pending {
		switch {
		case c.ignores(p.Key):
		case optional(p.Key):
			c.pending = append(c.pending, p)
		default:
			d.errs = append(d.errs, p)
		}
	}
	if err := d.errs.sorted(); err != nil {
		return nil, err
	}
	return c, nil
}

// settle fills in what depends on more than one key.
func (d *decoder) settle(c *Config) {
	// Who has written no sources gets incident.io by its key alone; see the comment of the package.
	if s := &c.Sources; s.Incidentio == nil && s.GitHub == nil && len(s.Files) == 0 && d.lines["sources"] == 0 {
		if key, set := d.env("INCIDENT_IO_API_KEY"); set && key != "" {
			s.Incidentio = &Incidentio{}
			d.structure("sources.incidentio", nil, reflect.ValueOf(s.Incidentio).Elem())
		}
	}
	if gh := c.Sources.GitHub; gh != nil && gh.App != nil && d.lines["sources.github.token"] == 0 {
		gh.Token = Secret{}
		c.secrets = slices.DeleteFunc(c.secrets, func(s secretKey) bool { return s.key == "sources.github.token" })
	}
	for i := range c.Sources.Files {
		if f := &c.Sources.Files[i]; f.Timezone.Location == nil {
			f.Timezone = c.Timezone
		}
	}
}

// readYAML gives the map that the file is; nil for an empty one.
func readYAML(data []byte) (*yaml.Node, *Error) {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return nil, &Error{Line: lineAt(data, i), Problem: "is not UTF-8 text", Fix: "save the file as UTF-8"}
		}
		i += size
	}
	documents := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	switch err := documents.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, syntaxError(err, data)
	}
	switch err := documents.Decode(&more); {
	case errors.Is(err, io.EOF):
	case err != nil:
		return nil, syntaxError(err, data)
	default:
		return nil, &Error{Line: more.Line, Problem: "a second document begins", Fix: "take away the line of three dashes and all that follows it"}
	}
	root := follow(doc.Content[0])
	if isNull(root) {
		return nil, nil
	}
	if root.Kind != yaml.MappingNode {
		return nil, &Error{Line: root.Line, Problem: "the file is " + kindOf(root), Fix: "write keys and values, such as `timezone: UTC`"}
	}
	return root, nil
}

var (
	yamlLine   = regexp.MustCompile(`^line (\d+): `)
	yamlAnchor = regexp.MustCompile(`^unknown anchor '.*' referenced`)
)

// syntaxError says where the text is no YAML. A secret that begins with * reads as an alias, so the name of an unknown
// one is not shown.
func syntaxError(err error, data []byte) *Error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	e := &Error{Line: 1, Fix: "check the indentation, and put texts with : # { } [ ] * & ! in quotes"}
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		e.Line, _ = strconv.Atoi(m[1])
		text = text[len(m[0]):]
	}
	if yamlAnchor.MatchString(text) {
		text = "a value begins with * but names no anchor"
		e.Fix = "put the value in quotes"
	}
	if lines := bytes.Split(data, []byte("\n")); e.Line <= len(lines) {
		line := lines[e.Line-1]
		if bytes.Contains(line, []byte("${")) && bytes.Contains(line, []byte("{")) {
			e.Fix = `between { and } put references in quotes: {slack: "${NAME}"}`
		}
	}
	e.Problem = fmt.Sprintf("is not YAML (%s)", text)
	return e
}

func lineAt(data []byte, offset int) int { return 1 + bytes.Count(data[:offset], []byte("\n")) }
