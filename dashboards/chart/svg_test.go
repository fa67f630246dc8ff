package chart

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func wellFormed(t *testing.T, name, file string) {
	t.Helper()
	x := xml.NewDecoder(strings.NewReader(file))
	for {
		token, err := x.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if e, ok := token.(xml.StartElement); ok {
			for _, a := range e.Attr {
				if a.Name.Local == "href" && !strings.HasPrefix(a.Value, "https://") {
					t.Errorf("%s: a file that links to %s", name, a.Value)
				}
			}
		}
	}
}

func TestAFileNeedsNothingElse(t *testing.T) {
	for _, s := range samples() {
		for _, th := range []theme{light, dark} {
			d := s.draw(Wide)
			file, width := string(d.document(th)), `width="`+strconv.Itoa(d.W+2*docMargin)+`"`
			for _, bad := range []string{"var(", "light-dark", "color-mix", "display", "@media", ":hover", "SERIES"} {
				if strings.Contains(file, bad) {
					t.Errorf("%s: the file has %s", s.name, bad)
				}
			}
			for _, want := range []string{`xmlns="http://www.w3.org/2000/svg"`, width, "<title id=", "<desc id=", "<style>", "<rect " + width} {
				if !strings.Contains(file, want) {
					t.Errorf("%s: the file has no %s", s.name, want)
				}
			}
			style := file[strings.Index(file, "<style>"):strings.Index(file, "</style>")]
			for _, class := range regexp.MustCompile(`class="([^"]*)"`).FindAllStringSubmatch(file, -1) {
				for _, c := range strings.Fields(class[1]) {
					if !strings.Contains(style, "."+c) && !slices.Contains([]string{"wide", "tick", "cell", "strips", "onheat0", "onheat1", "onheat2", "main"}, c) {
						t.Errorf("%s: nothing is said of the class %s", s.name, c)
					}
				}
			}
		}
	}
}

func TestWhatIsGivenIsEscapedAndAnAddressCannotRun(t *testing.T) {
	d := &Drawing{ID: `a"b`, Class: "chart", Title: "<T>", Desc: "a & b", Marks: []Mark{
		{Kind: "text", Class: "tick", X: "1", Y: "2", Text: "a < b + 'c'", Tip: "<script>"},
		{Kind: "circle", X: "1", Y: "2", R: "3", Href: "JavaScript:alert(1)"},
		{Kind: "circle", X: "1", Y: "2", R: "3", Href: "?team=a b&x=\"é\"#%20%zz"},
	}}
	want := `<svg class="chart" viewBox="0 0 0 0" role="group" aria-labelledby="a&#34;b-title" aria-describedby="a&#34;b-desc"><title id="a&#34;b-title">&lt;T&gt;</title><desc id="a&#34;b-desc">a &amp; b</desc>
<g aria-hidden="true">
<text class="tick" x="1" y="2"><title>&lt;script&gt;</title>a &lt; b &#43; &#39;c&#39;</text>
<a href="#" tabindex="-1"><circle class="" cx="1" cy="2" r="3"></circle></a>
<a href="?team=a%20b&amp;x=%22%c3%a9%22#%20%25zz" tabindex="-1"><circle class="" cx="1" cy="2" r="3"></circle></a>
</g></svg>`
	if diff := cmp.Diff(want, string(d.SVG())); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for _, href := range []string{"data:text/html,x", "vbscript:x", " javascript:alert(1)", "java\tscript:x", "x:y"} {
		if got := address(href); got != "#" {
			t.Errorf("%q leads to %q", href, got)
		}
	}
	for _, href := range []string{"https://a.example/b?c=d&e=1:2", "./incidents/1:2", "?a=1:2", "#x", "mailto:a@b.example", ""} {
		if got := address(href); got != href {
			t.Errorf("%q leads to %q", href, got)
		}
	}
}

func TestLinksOfAFileAreThoseThatLeadSomewhere(t *testing.T) {
	c := recoveries()
	c.Rows[0].Href, c.Rows[1].Href, c.Rows[2].Href = "?service=checkout", "https://incident.io/x?a=b&c=d", "#incident-1"
	d := Bars(c, Wide)
	file, page := string(d.Document()), string(d.SVG())
	if strings.Count(file, "<a ") != 1 || !strings.Contains(file, `<a href="https://incident.io/x?a=b&amp;c=d"`) {
		t.Errorf("a file links to what only a page has: %s", file)
	}
	if strings.Count(page, "<a ") != 3 {
		t.Errorf("a page has not all links: %s", page)
	}
}
