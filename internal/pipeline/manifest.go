package pipeline

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fourfold/load"
)

// manifest is what dbt says of a project that it has parsed, as far as it is of use here.
type manifest struct {
	Nodes map[string]node `json:"nodes"`
}

type node struct {
	UniqueID     string `json:"unique_id"`
	ResourceType string `json:"resource_type"`
	Name         string `json:"name"`
	Path         string `json:"path"` // below the folder of models
	Description  string `json:"description"`
	CompiledCode string `json:"compiled_code"`
	RelationName string `json:"relation_name"` // as SQL names it
	Config       struct {
		Materialized string `json:"materialized"`
	} `json:"config"`
	Contract struct {
		Enforced bool `json:"enforced"`
	} `json:"contract"`
	Columns json.RawMessage `json:"columns"`
}

func (n node) isMart() bool {
	return n.ResourceType == "model" && strings.HasPrefix(filepath.ToSlash(n.Path), "marts/")
}

// readManifest reads what dbt has written last; nothing if it has written none.
func readManifest(project string) (manifest, error) {
	path := filepath.Join(project, "target", "manifest.json")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return manifest{}, nil
	}
	var m manifest
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil {
		return manifest{}, fmt.Errorf("read what dbt says of the project: %s: %w", path, err)
	}
	return m, nil
}

// martsOf are the marts of the project, in the order of their names. The columns of one are those of its contract: all.
func martsOf(project string) ([]load.Mart, error) {
	m, err := readManifest(project)
	if err != nil {
		return nil, err
	}
	var out []load.Mart
	for _, n := range m.Nodes {
		if !n.isMart() {
			continue
		}
		mart := load.Mart{Name: n.Name, Description: n.Description}
		if n.Contract.Enforced {
			if mart.Columns, err = columnsOf(n.Columns); err != nil {
				return nil, fmt.Errorf("read the columns of %s: %w", n.Name, err)
			}
		}
		out = append(out, mart)
	}
	slices.SortFunc(out, func(a, b load.Mart) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

// columnsOf reads an object of columns in its order.
func columnsOf(text json.RawMessage) ([]load.MartColumn, error) {
	if len(text) == 0 {
		return nil, nil
	}
	d := json.NewDecoder(strings.NewReader(string(text)))
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	var out []load.MartColumn
	for d.More() {
		if _, err := d.Token(); err != nil { // the column's name, which is in it, too
			return nil, err
		}
		var c struct{ Name, Description string }
		if err := d.Decode(&c); err != nil {
			return nil, err
		}
		out = append(out, load.MartColumn{Name: c.Name, Description: c.Description})
	}
	return out, nil
}
