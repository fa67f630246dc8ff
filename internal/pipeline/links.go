package pipeline

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"fourfold/internal/config"
)

// link is what a person decided about the cause of an incident: a line of the file that metrics.links names.
type link struct {
	line                 int
	incident, deployment string // deployment is noCause where none caused it
	who, why             string
}

const noCause = "none"

// linkKeys are the columns of a CSV file and the keys of a YAML file, in any order and case; only why may be left out.
var linkKeys = []string{"incident", "deployment", "who", "why"}

// linksSeed gives dbt the links file. Whether what it names is known is found out there, since only there it can be.
func linksSeed(c *config.Config) (seed, error) {
	links, err := readLinks(string(c.Metrics.Links))
	if err != nil {
		return seed{}, fmt.Errorf("metrics.links: %w", err)
	}
	rows := [][]string{{"line", "incident", "deployment", "decided_by", "reason"}}
	for _, l := range links {
		rows = append(rows, []string{strconv.Itoa(l.line), l.incident, l.deployment, l.who, l.why})
	}
	return seed{"config_links", rows}, nil
}

// Links reads the links file of a configuration, as a build will, and gives how many there are.
func Links(c *config.Config) (int, error) {
	links, err := readLinks(string(c.Metrics.Links))
	if err != nil {
		return 0, fmt.Errorf("metrics.links: %w", err)
	}
	return len(links), nil
}

// readLinks reads a links file; there are none without one.
func readLinks(path string) ([]link, error) {
	if path == "" {
		return nil, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: write the file, or take the key out", err)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if at := invalidLine(data); at > 0 {
		return nil, fmt.Errorf("%s:%d: is not UTF-8: save the file as UTF-8", path, at)
	}
	read := linksOfYAML
	if strings.EqualFold(filepath.Ext(path), ".csv") {
		read = linksOfCSV
	}
	links, at, err := read(data)
	if err == nil {
		at, err = checkLinks(links)
	}
	if err != nil {
		return nil, fmt.Errorf("%s:%d: %w", path, at, err)
	}
	return links, nil
}

// invalidLine is the first line that is not UTF-8; 0 if all are.
func invalidLine(data []byte) int {
	for n, line := range bytes.Split(data, []byte("\n")) {
		if !utf8.Valid(line) {
			return n + 1
		}
	}
	return 0
}

// linksOfCSV reads a table; where it cannot, it says in which line. A row of empty cells, which spreadsheets leave behind,
// is none.
func linksOfCSV(data []byte) (links []link, at int, err error) {
	r := csv.NewReader(bytes.NewReader(data))
	var columns []string
	for {
		row, err := r.Read()
		ended := errors.Is(err, io.EOF)
		if ended && columns == nil {
			return nil, 1, errors.New("has no header: the first line has to be incident,deployment,who,why")
		} else if ended {
			return links, 0, nil
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			return nil, broken.Line, fmt.Errorf("%w: put a value with a comma, a quotation mark or a line break in double quotes", broken.Err)
		} else if err != nil {
			return nil, 1, err
		}
		at, _ := r.FieldPos(0)
		if columns == nil {
			if columns, err = linkHeader(row); err != nil {
				return nil, at, err
			}
			continue
		}
		if strings.TrimSpace(strings.Join(row, "")) == "" {
			continue
		}
		l := link{line: at}
		for i, value := range row {
			l.set(columns[i], value)
		}
		links = append(links, l)
	}
}

// linkHeader is the columns of a table by their keys.
func linkHeader(row []string) ([]string, error) {
	columns, known := make([]string, len(row)), map[string]bool{}
	for i, name := range row {
		key, ok := linkKey(name)
		if !ok {
			return nil, fmt.Errorf("the column %q is not one of incident,deployment,who,why", name)
		} else if known[key] {
			return nil, fmt.Errorf("the column %s is there twice", key)
		}
		columns[i], known[key] = key, true
	}
	for _, key := range linkKeys[:3] {
		if !known[key] {
			return nil, fmt.Errorf("the column %s is missing: the first line has to be incident,deployment,who,why", key)
		}
	}
	return columns, nil
}

func linkKey(name string) (string, bool) {
	for _, key := range linkKeys {
		if strings.EqualFold(strings.TrimSpace(name), key) {
			return key, true
		}
	}
	return "", false
}

// set takes a value as it is written; a deployment that is none in any case is noCause.
func (l *link) set(key, value string) {
	value = strings.TrimSpace(value)
	switch key {
	case "incident":
		l.incident = value
	case "deployment":
		if l.deployment = value; strings.EqualFold(value, noCause) {
			l.deployment = noCause
		}
	case "who":
		l.who = value
	case "why":
		l.why = value
	}
}

var yamlLine = regexp.MustCompile(`^yaml: line (\d+): `)

// linksOfYAML reads a list of maps; where it cannot, it says in which line.
func linksOfYAML(data []byte) (links []link, at int, err error) {
	const shape = "want a list of maps like {incident: INC-12, deployment: none, who: Aoki, why: the cause was a supplier}"
	documents := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	if err := documents.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, 0, nil
	} else if err != nil {
		at := 1
		if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
			at, _ = strconv.Atoi(m[1]) // the pattern lets only digits through
		}
		return nil, at, errors.New(yamlLine.ReplaceAllString(err.Error(), "is not YAML: "))
	}
	if err := documents.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, max(1, more.Line), errors.New("has a second document: write one list")
	}
	list := doc.Content[0]
	if list.Tag == "!!null" {
		return nil, 0, nil
	} else if list.Kind != yaml.SequenceNode {
		return nil, list.Line, errors.New(shape)
	}
	for _, item := range list.Content {
		if item.Kind != yaml.MappingNode {
			return nil, item.Line, errors.New(shape)
		}
		l := link{line: item.Line}
		seen := map[string]bool{}
		for i := 0; i < len(item.Content); i += 2 {
			name, value := item.Content[i], item.Content[i+1]
			key, ok := linkKey(name.Value)
			switch {
			case !ok:
				return nil, name.Line, fmt.Errorf("the key %q is not one of incident, deployment, who, why", name.Value)
			case seen[key]:
				return nil, name.Line, fmt.Errorf("the key %s is there twice", key)
			case value.Kind != yaml.ScalarNode:
				return nil, value.Line, fmt.Errorf("%s is not a text", key)
			}
			seen[key] = true
			if value.Tag != "!!null" {
				l.set(key, value.Value)
			}
		}
		links = append(links, l)
	}
	return links, 0, nil
}

// checkLinks finds the first line that says too little, or what another line says already or denies.
func checkLinks(links []link) (at int, err error) {
	type pair struct{ incident, deployment string }
	said := map[pair]int{}
	any := map[string]int{} // of each incident a line that names a deployment
	for _, l := range links {
		for _, v := range []struct{ key, value, say string }{
			{"incident", l.incident, "write its reference, such as INC-12"},
			{"deployment", l.deployment, "write its id, number or address, or none"},
			{"who", l.who, "write who decided it"},
		} {
			if v.value == "" {
				return l.line, fmt.Errorf("%s is empty: %s", v.key, v.say)
			}
		}
		incident := strings.ToLower(l.incident)
		this := pair{incident, strings.ToLower(l.deployment)}
		if first := said[this]; first > 0 {
			return l.line, fmt.Errorf("says again what line %d says of %s: take one of them out", first, l.incident)
		}
		said[this] = l.line
		if l.deployment != noCause {
			any[incident] = l.line
		}
		none, other := said[pair{incident, noCause}], any[incident]
		if none > 0 && other > 0 {
			return l.line, fmt.Errorf("%s has both none and a deployment (lines %d and %d): take one of them out", l.incident, min(none, other), max(none, other))
		}
	}
	return 0, nil
}
