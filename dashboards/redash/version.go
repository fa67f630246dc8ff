package redash

import (
	"fmt"
	"regexp"
	"strconv"
)

// Version is that of a Redash server.
type Version struct{ Major, Minor int }

var versionForm = regexp.MustCompile(`^v?(\d+)\.(\d+)`)

// ParseVersion reads a version as a session tells it: 10.1.0, 25.8.0, 26.08.0-dev.
func ParseVersion(text string) (Version, error) {
	m := versionForm.FindStringSubmatch(text)
	if m == nil {
		return Version{}, fmt.Errorf("redash: the server says that it is version %q, which is none that is known here: 10.0 or later is needed", text)
	}
	major, _ := strconv.Atoi(m[1])
	minor, _ := strconv.Atoi(m[2])
	v := Version{major, minor}
	if major < 10 {
		return v, fmt.Errorf("redash: the server is version %s: 10.0 or later is needed, since earlier ones know dashboards by another address", text)
	}
	return v, nil
}

// Columns is how many columns dashboards have: 6, or 12 from 25.8 on.
func (v Version) Columns() int {
	if v.Major < 25 || v.Major == 25 && v.Minor < 8 {
		return 6
	}
	return 12
}
