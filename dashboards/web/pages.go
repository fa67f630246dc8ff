package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"slices"
	"strings"

	"fourfold/dashboards/chart"
)

//go:embed templates assets
var pageFiles embed.FS

// pages are the templates and languages, read once.
type pages struct {
	tmpl      *template.Template
	langs     map[string]*language
	usual     string // the configured language
	assets    string // changes when style sheet or icon change
	version   string // changes when anything that makes a page changes
	publicURL string
}

func loadPages(usual, publicURL string) (*pages, error) {
	if usual == "" {
		usual = "en"
	}
	p := &pages{langs: map[string]*language{}, usual: usual, publicURL: strings.TrimSuffix(publicURL, "/")}
	for _, code := range languages {
		l, err := loadLanguage(code)
		if err != nil {
			return nil, err
		}
		p.langs[code] = l
	}
	if p.langs[usual] == nil {
		return nil, fmt.Errorf("web: dashboard.language: %q is not known; choose one of %s", usual, strings.Join(languages, ", "))
	}
	var err error
	if p.tmpl, err = template.ParseFS(pageFiles, "templates/*.html"); err != nil {
		return nil, fmt.Errorf("web: templates: %w", err)
	}
	p.assets = digest(pageFiles, "assets") + chart.Version()
	p.version = digest(pageFiles, "templates") + p.assets + digest(langFiles, "lang")
	return p, nil
}

// digest names the content of a folder.
func digest(files embed.FS, folder string) string {
	h := sha256.New()
	err := fs.WalkDir(files, folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := files.ReadFile(path)
		h.Write([]byte(path))
		h.Write(b)
		return err
	})
	if err != nil {
		panic("web: " + err.Error()) // the files are in the program
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}

// language is the one that was asked for, or the configured one.
func (p *pages) language(asked string) *language {
	if l := p.langs[asked]; l != nil && slices.Contains(languages, asked) {
		return l
	}
	return p.langs[p.usual]
}

// shell is what every page has around its content.
type shell struct {
	L            *language
	Title        string
	Root         string // relative address of the first page, ending in /
	HomeQuery    string // "?lang=ja" where the language was asked for
	AssetVersion string
	Canonical    string
	Languages    []languageLink
}

type languageLink struct {
	Code, Name, Href string
	Current          bool
}

// shell makes the frame for a page at root with what was chosen.
func (p *pages) shell(l *language, title, root string, f filter) shell {
	s := shell{L: l, Title: title, Root: root, AssetVersion: p.assets}
	if f.Lang != "" {
		s.HomeQuery = "?lang=" + f.Lang
	}
	if p.publicURL != "" {
		own := f
		own.Incident = ""
		s.Canonical = own.link(p.publicURL + "/")
	}
	for _, code := range languages {
		other := f
		other.Lang = code
		if code == p.usual {
			other.Lang = ""
		}
		s.Languages = append(s.Languages, languageLink{code, l.t("lang_" + code), other.link(root), code == l.Code})
	}
	return s
}

// render makes a page in memory: a template that fails half-way must not reach a visitor.
func (p *pages) render(name string, data any) ([]byte, error) {
	var b bytes.Buffer
	if err := p.tmpl.ExecuteTemplate(&b, name, data); err != nil {
		return nil, fmt.Errorf("web: page %s: %w", name, err)
	}
	return b.Bytes(), nil
}

// message is a page of words only.
type message struct {
	shell
	Paragraphs []string
	Command    string
	Back       string
}
