package explain

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// What people have at hand for a deployment or a change.
var (
	// deploymentAddress is that of a deployment or of a run of a workflow, of the API or of the web.
	deploymentAddress = regexp.MustCompile(`(?i)^https?://.*/(?:deployments|actions/runs)/([0-9]+)(?:/.*)?(?:[?#].*)?$`)
	// tagAddress is that of a release, or of what a tag points at.
	tagAddress = regexp.MustCompile(`(?i)^https?://[^/]+/([^/]+/[^/]+)/(?:releases/tag|tree)/([^?#]+)`)
	// pullAddress is that of a pull request's page, or what the API says of it.
	pullAddress = regexp.MustCompile(`(?i)^https?://[^/]+/(?:.*/)?([^/]+/[^/]+)/pulls?/([0-9]+)(?:[/?#].*)?$`)
	pullName    = regexp.MustCompile(`^([^/\s]+/[^/\s#@]+)#([0-9]+)$`)
	// commitAddress is that of a commit's page, or what the API says of it.
	commitAddress = regexp.MustCompile(`(?i)^https?://[^/]+/(?:.*/)?([^/]+/[^/]+)/commits?/([0-9a-f]{7,64})$`)
	commitName    = regexp.MustCompile(`(?i)^(?:([^/\s]+/[^/\s#@]+)@)?([0-9a-f]{7,64})$`)
	digits        = regexp.MustCompile(`^[0-9]+$`)
)

// commitOf takes a name for the beginning of a commit's hash, with or without the repository, or a commit's address.
func commitOf(name string) (repository, sha string) {
	for _, form := range []*regexp.Regexp{commitName, commitAddress} {
		if m := form.FindStringSubmatch(name); m != nil {
			return strings.ToLower(m[1]), strings.ToLower(m[2])
		}
	}
	return "", ""
}

// pullOf takes a name for a pull request's: acme/api#123, or its address.
func pullOf(name string) string {
	for _, form := range []*regexp.Regexp{pullName, pullAddress} {
		if m := form.FindStringSubmatch(name); m != nil {
			return strings.ToLower(m[1]) + "#" + m[2]
		}
	}
	return ""
}

// candidate is an object that has the name which was given.
type candidate struct{ id, line string }

// one gives the only candidate's id. Rows of one object are one after the other.
func one(found []candidate, what, how string, unknown error) (string, error) {
	found = slices.CompactFunc(found, func(a, b candidate) bool { return a.id == b.id })
	switch len(found) {
	case 0:
		return "", unknown
	case 1:
		return found[0].id, nil
	}
	e := &AmbiguousError{What: what, How: how}
	for _, c := range found {
		e.Found = append(e.Found, c.line)
	}
	return "", e
}

// deploymentNamed gives the id of the deployment that a name is for. A number is the source's before it is the beginning
// of a hash.
func (r *reader) deploymentNamed(name string) (string, error) {
	name = strings.TrimSpace(name)
	given := name
	if m := deploymentAddress.FindStringSubmatch(name); m != nil {
		given = m[1]
	}
	const columns = `deployment_id, service, repository, environment, sha, status, finished_at, created_at, kind`
	rows := r.rows(`select `+columns+` from fct_deployments
where lower(deployment_id) = lower($1) or lower(url) = lower($2)
    or right(deployment_id, length($1) + 1) = ':' || $1
    or strpos(lower(aliases), '"' || lower($1) || '"') > 0 or right(lower(aliases), length($1) + 3) = ':' || lower($1) || '"]'
order by finished_at desc nulls first, created_at desc, deployment_id, service`, given, name)
	if repository, sha := commitOf(name); len(rows) == 0 && sha != "" {
		rows = r.rows(`select `+columns+` from fct_deployments
where lower(sha) like $1 || '%' and ($2 = '' or lower(repository) = $2)
order by finished_at desc nulls first, created_at desc, deployment_id, service`, sha, repository)
	}
	if m := tagAddress.FindStringSubmatch(name); len(rows) == 0 { // a tag or a release
		repository, tag := "", name
		if m != nil {
			repository, tag = m[1], m[2]
		}
		rows = r.rows(`select `+columns+` from fct_deployments
where source in ('tags', 'releases') and lower(ref) = lower($1) and ($2 = '' or lower(repository) = lower($2))
order by finished_at desc nulls first, created_at desc, deployment_id, service`, tag, repository)
	}
	if r.err != nil {
		return "", r.err
	}
	var found []candidate
	for _, x := range rows {
		if n := len(found); n > 0 && found[n-1].id == text(x[0]) {
			found[n-1].line += ", " + text(x[1])
			continue
		}
		when := "status " + text(x[5])
		if x[6] != nil {
			when = "finished " + text(x[6])
		}
		line := fmt.Sprintf("%s  %s to %s, commit %s, %s", text(x[0]), text(x[2]), text(x[3]), short(text(x[4])), when)
		if x[8] != nil {
			line += ", " + text(x[8])
		}
		found = append(found, candidate{text(x[0]), line + ", of " + text(x[1])})
	}
	return one(found, "deployment "+name, "give the id of one",
		fmt.Errorf("deployment %s: %w: give its id (deployments:123), the number or address that GitHub has for it, an alias, or at least 7 digits of its commit", name, ErrNotFound))
}

// changeNamed gives the id of the change that a name is for, and the commit if the name is one's.
func (r *reader) changeNamed(name string) (id, commit string, err error) {
	name = strings.TrimSpace(name)
	unknown := fmt.Errorf("change %s: %w: give a merged pull request (acme/api#123, or its address) or a commit (acme/api@1a2b3c4, or at least 7 digits of its hash)", name, ErrNotFound)
	pull, number := pullOf(name), strings.TrimPrefix(name, "#")
	if pull == "" && digits.MatchString(number) && (len(number) < 7 || number != name) {
		pull = "#" + number
	}
	var found []candidate
	if pull != "" {
		for _, x := range r.rows(`select distinct change_id, title, repository from fct_changes
where lower(change_id) = $1 or ($2 and right(change_id, length($1)) = $1) order by change_id`, pull, pull[0] == '#') {
			found = append(found, candidate{text(x[0]), text(x[0]) + "  " + text(x[1])})
		}
	}
	repository, sha := commitOf(name)
	if sha != "" && len(found) == 0 {
		for _, x := range r.rows(`select distinct change_id, sha, title from (
    select change_id, sha, repository, cast(null as string) as title from fct_commits where change_id is not null
    union all
    select change_id, sha, repository, title from fct_changes
    union all
    select change_id, merge_sha, repository, title from fct_changes
)
where lower(sha) like $1 || '%' and ($2 = '' or lower(repository) = $2) order by change_id, title nulls last`, sha, repository) {
			found, commit = append(found, candidate{text(x[0]), text(x[0]) + "  " + text(x[2])}), text(x[1])
		}
	}
	if r.err != nil {
		return "", "", r.err
	}
	id, err = one(found, "change "+name, "name one of them", unknown)
	return id, commit, err
}
