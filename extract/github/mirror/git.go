package mirror

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ErrNoGit says that there is no git that could be used.
var ErrNoGit = errors.New("no usable git")

// The oldest git that reads its configuration from GIT_CONFIG_COUNT, which is how credentials reach it. Partial clones
// without trees and refspecs on the standard input are older.
const leastMajor, leastMinor = 2, 31

const howToInstall = "install git 2.31 or newer (apt-get install git, apk add git, dnf install git, brew install git), or set sources.github.commits: api"

// program is a git that was looked at.
type program struct {
	path    string
	version string
}

var versionNumber = regexp.MustCompile(`(\d+)\.(\d+)\S*`)

func findGit(ctx context.Context, command string, env []string) (program, error) {
	if command == "" {
		command = "git"
	}
	path, err := exec.LookPath(command)
	if err != nil {
		return program{}, fmt.Errorf("%w: there is no %q on PATH; %s", ErrNoGit, command, howToInstall)
	}
	cmd := exec.CommandContext(ctx, path, "version")
	cmd.Env = env
	out, err := cmd.Output()
	if err != nil {
		return program{}, fmt.Errorf("%w: %s version: %w; %s", ErrNoGit, path, err, howToInstall)
	}
	text := strings.TrimSpace(string(out))
	n := versionNumber.FindStringSubmatch(text)
	if n == nil {
		return program{}, fmt.Errorf("%w: %s calls itself %q, in which there is no version; %s", ErrNoGit, path, excerpt(text, 100), howToInstall)
	}
	major, _ := strconv.Atoi(n[1]) // digits
	minor, _ := strconv.Atoi(n[2])
	if major < leastMajor || major == leastMajor && minor < leastMinor {
		return program{}, fmt.Errorf("%w: %s is version %s, and %d.%d is needed; %s", ErrNoGit, path, n[0], leastMajor, leastMinor, howToInstall)
	}
	return program{path: path, version: n[0]}, nil
}

// passed are the variables that git gets of ours: where programs, certificates and proxies are. Nothing else, so that
// neither other secrets nor somebody's settings get in.
var passed = []string{
	"PATH", "TMPDIR", "LD_LIBRARY_PATH", "GIT_EXEC_PATH",
	"GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_SSL_CERT", "GIT_SSL_KEY", "GIT_PROXY_SSL_CAINFO", "GIT_HTTP_PROXY_AUTHMETHOD",
	"SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE",
}

var proxies = []string{"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"}

// environment is what every git is started with.
func (m *Mirrors) environment() []string {
	env := []string{
		"LC_ALL=C", "HOME=" + m.opts.Dir, // no .netrc, no credentials, no settings are found there
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_ATTR_NOSYSTEM=1",
		"GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=", "SSH_ASKPASS=",
		"GIT_NO_LAZY_FETCH=1", "GIT_NO_REPLACE_OBJECTS=1", "GIT_OPTIONAL_LOCKS=0", "GIT_DEFAULT_REF_FORMAT=files",
	}
	names := passed
	if !loopback(m.base.Hostname()) { // as Go's own client does
		names = append(names[:len(names):len(names)], proxies...)
	}
	for _, name := range names {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	if file := os.Getenv("SSL_CERT_FILE"); file != "" && os.Getenv("GIT_SSL_CAINFO") == "" {
		env = append(env, "GIT_SSL_CAINFO="+file) // the same authorities for the API and for git
	}
	return env
}

func loopback(host string) bool {
	return host == "localhost" || host == "::1" || strings.HasPrefix(host, "127.")
}

// setting is one line of git's configuration, passed by environment.
type setting struct{ key, value string }

var always = []setting{
	{"core.hooksPath", os.DevNull},
	{"gc.auto", "0"},
	{"maintenance.auto", "false"},
	{"core.fsmonitor", "false"},
	{"core.commitGraph", "true"},
	{"advice.detachedHead", "false"},
}

func settings(more ...setting) []string {
	all := append(always[:len(always):len(always)], more...)
	env := make([]string, 0, 2*len(all)+1)
	env = append(env, "GIT_CONFIG_COUNT="+strconv.Itoa(len(all)))
	for i, s := range all {
		env = append(env, fmt.Sprintf("GIT_CONFIG_KEY_%d=%s", i, s.key), fmt.Sprintf("GIT_CONFIG_VALUE_%d=%s", i, s.value))
	}
	return env
}

// grace is how long a git that was told to end may clean up after itself.
const grace = 5 * time.Second

// command prepares a git that works on a directory. The end of the context ends it and its children. They hold the
// mirror's lock while they live, even if this process does not.
func (r *Mirror) command(ctx context.Context, dir string, config []string, args ...string) (*exec.Cmd, *tail) {
	cmd := exec.CommandContext(ctx, r.all.git.path, args...)
	cmd.Env = append(r.all.environment(), config...)
	if dir != "" {
		cmd.Env = append(cmd.Env, "GIT_DIR="+dir)
	}
	cmd.Dir = r.all.opts.Dir
	cmd.ExtraFiles = []*os.File{r.lock}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = grace
	stderr := &tail{}
	cmd.Stderr = stderr
	return cmd, stderr
}

// run runs a git to its end and gives what it wrote.
func (r *Mirror) run(ctx context.Context, dir string, config []string, stdin io.Reader, args ...string) ([]byte, error) {
	cmd, stderr := r.command(ctx, dir, config, args...)
	var out bytes.Buffer
	cmd.Stdin, cmd.Stdout = stdin, &out
	if err := cmd.Run(); err != nil {
		return nil, r.failed(ctx, args[0], err, stderr)
	}
	return out.Bytes(), nil
}

// tail keeps the beginning and the end of what is written to it: the reason is at either.
type tail struct {
	head, rest []byte
}

const tailLength = 8 << 10

func (t *tail) Write(p []byte) (int, error) {
	n := len(p)
	if room := tailLength - len(t.head); room > 0 {
		k := min(room, len(p))
		t.head, p = append(t.head, p[:k]...), p[k:]
	}
	t.rest = append(t.rest, p...)
	if over := len(t.rest) - tailLength; over > 0 {
		t.rest = append(t.rest[:0], t.rest[over:]...)
	}
	return n, nil
}

func (t *tail) String() string { return string(t.head) + string(t.rest) }
