// Package parsertest has others read what package lookml writes: two parsers of LookML, and for the SQL of its views and explores
// the analyser of GoogleSQL. Its tests start Python, Node and the analyser.
package parsertest
