package github

import (
	"strings"
	"time"
	"unicode/utf8"

	"fourfold/extract"
	"fourfold/extract/github/mirror"
)

// longestTitle is how much of a message's first line is kept, in bytes. Some programs write everything into one.
const longestTitle = 1000

// commitRow is the record of a commit, the same whether git or the API told it. Of the message only the first line is
// kept, and what it says that it reverts: the rest names people.
type commitRow struct {
	ID           string     `json:"id"`
	RepositoryID string     `json:"repository_id"`
	SHA          string     `json:"sha"`
	Parents      []string   `json:"parents"`
	AuthoredAt   *time.Time `json:"authored_at"`
	CommittedAt  *time.Time `json:"committed_at"`
	Author       signature  `json:"author"`
	Committer    signature  `json:"committer"`
	Title        string     `json:"title"`
	Reverts      []string   `json:"reverts,omitempty"`
	Paths        []string   `json:"paths,omitzero"` // none is not the same as not known
}

type signature struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

func commitID(repository, sha string) string { return repository + ":" + sha }

func commitRecord(repository string, c *mirror.Commit) extract.Record {
	row := commitRow{
		ID: commitID(repository, c.SHA), RepositoryID: repository, SHA: c.SHA, Parents: c.Parents,
		AuthoredAt: instantOf(c.Author.At), CommittedAt: instantOf(c.Committer.At),
		Author: signature{c.Author.Name, c.Author.Email}, Committer: signature{c.Committer.Name, c.Committer.Email},
		Title: title(c.Message), Paths: c.Paths,
	}
	if row.Parents == nil {
		row.Parents = []string{}
	}
	if strings.Contains(strings.ToLower(c.Message), "this reverts ") { // few do, and the search is not cheap
		row.Reverts = revertedCommits(c.Message)
	}
	return extract.Record{JSON: asJSON(row)}
}

func instantOf(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// title is the first line of a message with something on it.
func title(message string) string {
	for line := range strings.Lines(message) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if len(line) > longestTitle {
			n := longestTitle
			for !utf8.RuneStart(line[n]) {
				n--
			}
			line = strings.TrimSpace(line[:n])
		}
		return line
	}
	return ""
}
