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

	"fourfold/dashboards"
	"fourfold/dashboards/chart"
)

//go:embed templates assets
var pageFiles embed.FS

// pages are the templates and languages, read once.
type pages struct {
	tmpl      *template.Template
	langs     map[string]*language
	catalogue *dashboards.Catalogue
	usual     string // the configured language
	style     []byte // the style sheet
	assets    string // changes when style sheet or icon change
	version   string // changes when anything that makes a page changes
	publicURL string
}

func loadPages(usual, publicURL string, people bool) (*pages, error) {
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
	c, err := dashboards.LoadCatalogue()
	if err != nil {
		return nil, err
	}
	p.catalogue = c.On(dashboards.Web, people)
	if p.tmpl, err = template.ParseFS(pageFiles, "templates/*.html"); err != nil {
		return nil, fmt.Errorf("web: templates: %w", err)
	}
	p.style = readStyle()
	p.assets = digest(pageFiles, "assets") + chart.Version()
	p.version = digest(pageFiles, "templates") + p.assets + digest(langFiles, "lang") + dashboards.Version()
	return p, nil
}

// readStyle puts the style sheets together: that of drawings and what all pages share first.
func readStyle() []byte {
	sheets, err := fs.Glob(pageFiles, "assets/*.css")
	if err != nil {
		panic("web: " + err.Error()) // the pattern is constant
	}
	style := slices.Concat(chart.CSS, readPageFile("assets/style.css"))
	for _, sheet := range sheets {
		if sheet != "assets/style.css" {
			style = append(append(style, '\n'), readPageFile(sheet)...)
		}
	}
	return style
}

func readPageFile(name string) []byte {
	b, err := pageFiles.ReadFile(name)
	if err != nil {
		panic("web: " + err.Error()) // the files are in the program
	}
	return b
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
	Here         place
	Root         string // relative address of the first page, ending in /
	HomeHref     string
	AssetVersion string
	Canonical    string
	Theme        string
	Kiosk        bool
	OnWall       bool // whether it is one of the screens of a page
	Nav          []navLink
	Languages    []languageLink
}

type languageLink struct {
	Code, Name, Href string
	Current          bool
}

// shell makes the frame for a page with what was chosen.
func (p *pages) shell(l *language, title string, here place, f filter) shell {
	s := shell{L: l, Title: title, Here: here, Root: here.root, HomeHref: here.of("", f.alone()), AssetVersion: p.assets, Theme: f.Theme, Kiosk: f.Kiosk != ""}
	s.Nav = p.nav(l, here, f)
	if p.publicURL != "" {
		own := f
		own.Incident, own.Kiosk, own.Theme, own.Screen = "", "", "", 0
		s.Canonical = own.link(p.publicURL + "/" + here.path)
	}
	for _, code := range languages {
		other := f
		other.Lang = code
		if code == p.usual {
			other.Lang = ""
		}
		s.Languages = append(s.Languages, languageLink{code, l.t("lang_" + code), here.of(here.path, other), code == l.Code})
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

// html renders a part of a page.
func (p *pages) html(name string, data any) (template.HTML, error) {
	b, err := p.render(name, data)
	return template.HTML(b), err //nolint:gosec // html/template made it
}

// message is a page of words only.
type message struct {
	shell
	Paragraphs []string
	Command    string
	Back       string
}
