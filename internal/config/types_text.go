package config

import (
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// URL is an http or https address without a trailing slash. Empty means none, where that is allowed.
type URL string

func (u *URL) parse(text string, at scope) error {
	address, err := parseURL(text, at)
	*u = URL(strings.TrimRight(address, "/"))
	return err
}

func (*URL) expects() string { return "an address such as https://api.example.com" }

// DirURL is an http or https address with a trailing slash, to which paths are appended.
type DirURL string

func (u *DirURL) parse(text string, at scope) error {
	address, err := parseURL(text, at)
	*u = DirURL(strings.TrimRight(address, "/") + "/")
	return err
}

func (*DirURL) expects() string { return "an address such as https://api.example.com/" }

// GitURL is a DirURL, or the file address of a folder that repositories lie in: file:///srv/git/.
type GitURL string

func (u *GitURL) parse(text string, at scope) error {
	if f, err := url.Parse(text); err == nil && f.Scheme == "file" {
		if f.Host != "" || !filepath.IsAbs(f.Path) || f.RawQuery != "" || f.Fragment != "" {
			return wrong{what: "is not the file address of a folder"}
		}
		*u = GitURL(strings.TrimRight(f.String(), "/") + "/")
		return nil
	}
	address, err := parseURL(text, at)
	*u = GitURL(strings.TrimRight(address, "/") + "/")
	return err
}

func (*GitURL) expects() string {
	return "an address such as https://github.com/, or file:///srv/git/ of a folder with OWNER/NAME.git"
}

func parseURL(text string, at scope) (string, error) {
	if text == "" && at.empty {
		return "", nil
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https"):
		return "", wrong{what: "is not an http or https address"}
	case u.User != nil:
		return "", wrong{what: "holds a user name or password"}
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "", wrong{what: `has a "?" or "#"`}
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return "", wrong{what: "has a port that does not exist"}
		}
	}
	return u.String(), nil
}

// Glob is a pattern: * is any text without a slash, ** any text, {a,b} either, [ab] a letter. A plain name matches
// itself.
type Glob string

func (g *Glob) parse(text string, at scope) error {
	if text == "" && at.empty {
		*g = ""
		return nil
	}
	if text == "" || !doublestar.ValidatePattern(text) {
		return wrong{what: "is not a pattern"}
	}
	*g = Glob(text)
	return nil
}

func (*Glob) expects() string { return "a name, or a pattern such as prod-* or services/**" }

// Match reports whether the pattern fits a name.
func (g Glob) Match(name string) bool { return doublestar.MatchUnvalidated(string(g), name) }

// MatchFold is Match without regard to case, as environments are compared.
func (g Glob) MatchFold(name string) bool {
	return doublestar.MatchUnvalidated(strings.ToLower(string(g)), strings.ToLower(name))
}

// IsPlain reports whether the pattern is just a name.
func (g Glob) IsPlain() bool { return !strings.ContainsAny(string(g), `*?[{\`) }

// Path is an absolute path. Relative ones are read from the folder of the file. Empty means none, where allowed.
type Path string

func (p *Path) parse(text string, at scope) error {
	if text == "" {
		if at.empty {
			*p = ""
			return nil
		}
		return wrong{what: "is not a path"}
	}
	if strings.ContainsRune(text, 0) {
		return wrong{what: "is not a path"}
	}
	*p = Path(absolute(text, at.dir))
	return nil
}

func (*Path) expects() string { return "a path; relative ones start from the folder of this file" }

// PathGlob is a pattern of absolute paths. Relative ones are read from the folder of the file.
type PathGlob string

func (p *PathGlob) parse(text string, at scope) error {
	if text == "" || strings.ContainsRune(text, 0) || !doublestar.ValidatePathPattern(text) {
		return wrong{what: "is not a pattern of paths"}
	}
	if !filepath.IsAbs(text) {
		text = filepath.Join(escapeMeta(at.dir), text)
	}
	*p = PathGlob(text)
	return nil
}

func (*PathGlob) expects() string { return "a path or a pattern such as history/*.csv" }

// Files are the files that the pattern finds now, in order.
func (p PathGlob) Files() ([]string, error) {
	return doublestar.FilepathGlob(string(p), doublestar.WithFilesOnly(), doublestar.WithFailOnIOErrors())
}

var metaEscaper = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`, `{`, `\{`, `}`, `\}`)

func escapeMeta(path string) string { return metaEscaper.Replace(path) }

// Command is a program: a name for PATH, or an absolute path. One that holds a slash is read from the folder of the file.
type Command string

func (c *Command) parse(text string, at scope) error {
	if strings.ContainsRune(text, 0) {
		return wrong{what: "is not a command"}
	}
	if strings.Contains(text, "/") {
		text = absolute(text, at.dir)
	}
	*c = Command(text)
	return nil
}

func (*Command) expects() string { return "the name or the path of a program" }

func absolute(path, dir string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, path)
}

// Listen is host:port to listen on. Without a host it is every interface.
type Listen string

func (l *Listen) parse(text string, _ scope) error {
	host, port, err := net.SplitHostPort(text)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil || strings.ContainsAny(host, " /") {
		return wrong{what: "is not an address to listen on"}
	}
	*l = Listen(text)
	return nil
}

func (*Listen) expects() string { return "host:port, such as 127.0.0.1:8080" }
