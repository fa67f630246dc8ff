package chart

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
)

var (
	documentHead = regexp.MustCompile(`^<\?xml[^>]*\?>\s*<svg `)
	documentSize = regexp.MustCompile(`width="(\d+)" height="(\d+)"`)
)

// Documents puts drawings below each other in one file; one alone is its Document. There must be one.
func Documents(all []*Drawing) []byte {
	if len(all) == 1 {
		return all[0].Document()
	}
	var inner bytes.Buffer
	width, height := 0, 0
	for _, d := range all {
		doc := d.Document()
		size := documentSize.FindSubmatch(doc)
		if size == nil || !documentHead.Match(doc) {
			panic("chart: " + d.ID + ": a document without its size") // the template is of this package
		}
		w, errW := strconv.Atoi(string(size[1]))
		h, errH := strconv.Atoi(string(size[2]))
		if errW != nil || errH != nil {
			panic("chart: " + d.ID + ": a document without its size")
		}
		inner.Write(documentHead.ReplaceAll(doc, fmt.Appendf(nil, `<svg y="%d" `, height)))
		width, height = max(width, w), height+h
	}
	out := fmt.Appendf(nil, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n", width, height, width, height)
	return append(append(out, inner.Bytes()...), "</svg>\n"...)
}
