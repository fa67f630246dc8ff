package config

import (
	"bytes"
	_ "embed"
)

//go:embed example.yaml
var example []byte

// Example is the commented file that `fourfold init` writes. It loads as it is, and every key there is stands in it: on
// with its default, or as an example behind a #. Of the sources, incident.io is on.
func Example() []byte { return bytes.Clone(example) }
