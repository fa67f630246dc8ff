// Package data embeds the real incidents of GitHub's status page that are in this folder; README.md describes them.
package data

import _ "embed"

// Incidents is incidents.jsonl: one JSON object a line.
//
//go:embed incidents.jsonl
var Incidents []byte
