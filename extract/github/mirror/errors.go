package mirror

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"unicode/utf8"

	"fourfold/extract"
)

// ErrNotFound says that the server knows no such repository, or does not show it to this token.
var ErrNotFound = errors.New("repository not found")

// errCorrupt says that a mirror cannot be read as it should.
var errCorrupt = errors.New("the mirror is damaged")

// Error is a git that failed. Its text holds no secret. errors.Is knows it as ErrNotFound, extract.ErrUnauthorized,
// extract.ErrForbidden or extract.ErrUnreachable.
type Error struct {
	Repository string
	Command    string // fetch, clone, rev-list …
	Reason     string // git's own words, the last that matter
	Hint       string // what to do about it
	kind       kind
	cause      error
	stderr     string // clean
}

func (e *Error) Error() string {
	s := fmt.Sprintf("git %s of %s: %s", e.Command, e.Repository, e.Reason)
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// Unwrap gives what kind of failure it is.
func (e *Error) Unwrap() error { return e.cause }

// kind is what a failure calls for.
type kind int

const (
	unknown   kind = iota // of a mirror: it may be damaged
	transient             // may succeed if tried again
	refused               // will not succeed again
	local                 // this machine has to be looked after
)

// sign is a text by which a failure is known. LC_ALL=C keeps git to English; libcurl knows nothing else.
type sign struct {
	text  string
	kind  kind
	cause error
	hint  string
}

const (
	hintCredentials = "check sources.github.token: it is missing, mistyped, expired or revoked"
	hintPermission  = `give the token "Contents: read" for this repository, or set sources.github.commits: api`
	hintNotFound    = "the repository is gone, or the token does not see it: check its name and the token's repository access, or leave it out of sources.github.repositories"
	hintRedirect    = "the server sends git to another address, and the credentials are for this one only: set sources.github.git_url to the address that answers"
	hintNetwork     = "check the network, the proxy and sources.github.git_url"
	hintDisk        = "make room in the data directory, or move it: data in fourfold.yaml"
	hintCertificate = "the server's certificate is not trusted here: install the authority that signed it, or name it in SSL_CERT_FILE"
)

// signs are looked for in their order, without case; the first that is found decides.
var signs = []sign{
	{"no space left on device", local, nil, hintDisk},
	{"out of diskspace", local, nil, hintDisk},
	{"disk quota exceeded", local, nil, hintDisk},
	{"read-only file system", local, nil, hintDisk},
	{"file too large", local, nil, hintDisk},
	{"input/output error", local, nil, "the disk of the data directory fails"},
	{"permission denied", local, nil, "the data directory must belong to the user who runs fourfold"},
	{"too many open files", local, nil, "raise the limit of open files (ulimit -n)"},
	{"cannot allocate memory", local, nil, "git needs more memory"},
	{"out of memory", local, nil, "git needs more memory"},
	{"unable to find remote helper", local, nil, "this git cannot speak HTTP: " + howToInstall},
	{"is not a git command", local, nil, "this git cannot speak HTTP: " + howToInstall},

	{"returned error: 429", transient, nil, "the server asks for patience: run again later"},
	{"rate limit", transient, nil, "the server asks for patience: run again later"},
	{"returned error: 5", transient, nil, ""},
	{"returned error: 408", transient, nil, ""},
	{"http 5", transient, nil, ""}, // RPC failed; HTTP 502
	{"http 429", transient, nil, "the server asks for patience: run again later"},
	{"authentication failed", refused, extract.ErrUnauthorized, hintCredentials},
	{"could not read username", refused, extract.ErrUnauthorized, hintCredentials},
	{"could not read password", refused, extract.ErrUnauthorized, hintCredentials},
	{"returned error: 401", refused, extract.ErrUnauthorized, hintCredentials},
	{"http 401", refused, extract.ErrUnauthorized, hintCredentials},
	{"returned error: 403", refused, extract.ErrForbidden, hintPermission},
	{"http 403", refused, extract.ErrForbidden, hintPermission},
	{"repository not found", refused, ErrNotFound, hintNotFound},
	{"does not appear to be a git repository", refused, ErrNotFound, hintNotFound}, // of a folder
	{"/' not found", refused, ErrNotFound, hintNotFound},                           // fatal: repository 'https://…/' not found
	{"returned error: 404", refused, ErrNotFound, hintNotFound},
	{"returned error: 410", refused, ErrNotFound, hintNotFound},
	{"http 404", refused, ErrNotFound, hintNotFound},
	{"returned error: 30", refused, nil, hintRedirect},
	{"update url base from redirection", refused, nil, hintRedirect},
	{"ssl certificate", refused, nil, hintCertificate},
	{"certificate verif", refused, nil, hintCertificate},
	{"not our ref", refused, nil, ""},
	{"unadvertised object", refused, nil, ""},
	{"couldn't find remote ref", refused, nil, ""},

	{"could not resolve", transient, extract.ErrUnreachable, hintNetwork},
	{"couldn't connect", transient, extract.ErrUnreachable, hintNetwork},
	{"failed to connect", transient, extract.ErrUnreachable, hintNetwork},
	{"connection refused", transient, extract.ErrUnreachable, hintNetwork},
	{"network is unreachable", transient, extract.ErrUnreachable, hintNetwork},
	{"no route to host", transient, extract.ErrUnreachable, hintNetwork},
	{"timed out", transient, nil, hintNetwork},
	{"connection reset", transient, nil, ""},
	{"connection was reset", transient, nil, ""},
	{"empty reply from server", transient, nil, ""},
	{"too slow", transient, nil, ""},
	{"hung up", transient, nil, ""},
	{"early eof", transient, nil, ""},
	{"unexpected disconnect", transient, nil, ""},
	{"unexpected eof", transient, nil, ""},
	{"rpc failed", transient, nil, ""},
	{"transfer closed", transient, nil, ""},
	{"ssl_", transient, nil, ""},
	{"gnutls", transient, nil, ""},
	{"tls ", transient, nil, ""},
	{"bad line length", transient, nil, ""},
	{"invalid server response", transient, nil, hintNetwork},
	{"not valid: is this a git repository", refused, nil, "the server does not speak git there: check sources.github.git_url"},
	{"remote error", refused, nil, ""},
	{"unable to access", transient, nil, hintNetwork}, // whatever else libcurl says
}

// failed makes the error of a git that did not end well.
func (r *Mirror) failed(ctx context.Context, command string, err error, stderr *tail) error {
	if cause := ctx.Err(); cause != nil {
		return fmt.Errorf("git %s of %s: %w", command, r.name, cause)
	}
	e := &Error{Repository: r.name, Command: command, cause: err, stderr: r.all.opts.Redactor.String(stderr.String())}
	e.Reason = reason(e.stderr)
	var exit *exec.ExitError
	if !errors.As(err, &exit) { // it was not even started, or its pipe broke
		e.kind, e.Reason = local, r.all.opts.Redactor.String(err.Error())
		return e
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		e.Reason = "ended by a signal, " + status.Signal().String()
		switch status.Signal() {
		case syscall.SIGSEGV, syscall.SIGBUS, syscall.SIGABRT, syscall.SIGFPE, syscall.SIGILL: // a cut pack does that
		default:
			e.kind, e.Hint = local, "something on this machine ended it, perhaps for want of memory"
		}
		return e
	}
	text := strings.ToLower(e.stderr)
	for _, s := range signs {
		if strings.Contains(text, s.text) {
			e.kind, e.Hint = s.kind, s.hint
			if s.cause != nil {
				e.cause = s.cause
			}
			break
		}
	}
	if e.Reason == "" {
		e.Reason = err.Error()
	}
	return e
}

// kindOf is what to do about an error of this package.
func kindOf(err error) kind {
	var e *Error
	switch {
	case errors.As(err, &e):
		return e.kind
	case errors.Is(err, errCorrupt):
		return unknown
	}
	return local
}

// Damaged reports whether an error of a reader means that the mirror is not what it should be.
func Damaged(err error) bool { return err != nil && kindOf(err) == unknown }

// reason gives what a person would read of git's standard error: what the server said, then the first fatal line.
func reason(stderr string) string {
	var said, fatal, last []string
	for line := range strings.Lines(stderr) {
		line = strings.TrimSpace(line)
		switch {
		case line == "", strings.HasPrefix(line, "warning:"), strings.HasPrefix(line, "hint:"):
		case strings.HasPrefix(line, "remote:"):
			if line = strings.TrimSpace(strings.TrimPrefix(line, "remote:")); line != "" {
				said = append(said, line)
			}
		case strings.HasPrefix(line, "fatal:"), strings.HasPrefix(line, "error:"):
			fatal = append(fatal, line)
		default:
			last = []string{line}
		}
	}
	if len(fatal) > 0 {
		last = fatal[:min(2, len(fatal))]
	}
	return excerpt(strings.Join(append(said[:min(2, len(said))], last...), ": "), 500)
}

var spaces = regexp.MustCompile(`\s+`)

// excerpt cuts a text to what fits into an error.
func excerpt(s string, n int) string {
	s = strings.TrimSpace(spaces.ReplaceAllString(s, " "))
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
