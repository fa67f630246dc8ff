package github

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// Organisation is an account with its repositories, and what hangs on them. Times are whole seconds, as GitHub's are.
//
// Fill it before it is served; from then on change it, and everything that it holds, only within Edit. The methods that
// build and change things take no lock themselves.
type Organisation struct {
	mu sync.RWMutex

	Account      *Account   // the organisation's own account
	Accounts     []*Account // its own, people, bots and owners of forks
	Repositories []*Repository

	lastID  int64
	byEmail map[string]*Account
}

// NewOrganisation makes an organisation without repositories.
func NewOrganisation(login string) *Organisation {
	o := &Organisation{lastID: 1000, byEmail: map[string]*Account{}}
	o.Account = o.AddAccount(Account{Login: login, Type: "Organization"})
	return o
}

// Edit runs f alone: no request is answered meanwhile.
func (o *Organisation) Edit(f func(*Organisation)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	f(o)
}

// nextID makes a numeric id, greater than all before; ids of every kind come from one sequence.
func (o *Organisation) nextID() int64 {
	o.lastID++
	return o.lastID
}

// Account is a person, a bot or an organisation. A nil account is one that was deleted.
type Account struct {
	ID    int64
	Login string // of a bot without [bot], which only REST adds
	Type  string // User, Bot, Organization, Mannequin or EnterpriseUserAccount
	Name  string
	Email string // commits with this address are the account's
}

// AddAccount adds an account; an empty type is User, an empty address is the one that GitHub makes for the login.
func (o *Organisation) AddAccount(a Account) *Account {
	if a.ID == 0 {
		a.ID = o.nextID()
	}
	if a.Type == "" {
		a.Type = "User"
	}
	if a.Email == "" && a.Type != "Organization" {
		a.Email = fmt.Sprintf("%d+%s@users.noreply.github.com", a.ID, a.restLogin())
	}
	o.Accounts = append(o.Accounts, &a)
	if a.Email != "" {
		o.byEmail[a.Email] = &a
	}
	return &a
}

// Signature is the account as an author of commits.
func (a *Account) Signature() Signature {
	name := a.Name
	if name == "" {
		name = a.restLogin()
	}
	return Signature{Name: name, Email: a.Email}
}

func (a *Account) restLogin() string {
	if a.Type == "Bot" {
		return a.Login + "[bot]"
	}
	return a.Login
}

// Repository with all that it holds. Its git side is reached through methods: Commit, Branch, Tag …
type Repository struct {
	ID            int64
	Owner         *Account
	Name          string
	Description   string
	DefaultBranch string
	Visibility    string // private, internal or public
	Archived      bool
	Fork          bool
	Parent        *Repository
	FormerNames   []string // acme/old: names that it had and that are redirected
	Topics        []string

	MergeCommitAllowed, SquashMergeAllowed, RebaseMergeAllowed bool
	SquashTitle                                                string // PR_TITLE or COMMIT_OR_PR_TITLE
	SquashMessage                                              string // COMMIT_MESSAGES, PR_BODY or BLANK

	Environments []*Environment
	Deployments  []*Deployment // in the order in which they were made
	PullRequests []*PullRequest
	Issues       []*Issue
	Labels       []*Label
	Releases     []*Release
	Runs         []*WorkflowRun
	Activities   []*Activity // oldest first

	CreatedAt, UpdatedAt, PushedAt time.Time

	org        *Organisation
	store      *objects
	refs       map[string]string // full name -> sha
	lastNumber int
	index      repositoryIndex
	disk       disk
}

// RepositorySpec says what a new repository is like; everything but the name has a default.
type RepositorySpec struct {
	ID            int64
	Owner         *Account // default: the organisation
	Name          string
	Description   string
	DefaultBranch string // default main
	Visibility    string // default private
	Archived      bool
	CreatedAt     time.Time
	Environments  []string
}

// AddRepository adds an empty repository.
func (o *Organisation) AddRepository(spec RepositorySpec) *Repository {
	r := o.newRepository(spec)
	r.store = newObjects()
	return r
}

// AddFork adds a fork of a repository under another owner, with its branches and tags. The two share their objects, as a
// network of forks does, so that a commit made in one can be fetched from the other by its sha.
func (o *Organisation) AddFork(parent *Repository, spec RepositorySpec) *Repository {
	if spec.Name == "" {
		spec.Name = parent.Name
	}
	if spec.DefaultBranch == "" {
		spec.DefaultBranch = parent.DefaultBranch
	}
	if spec.Visibility == "" {
		spec.Visibility = parent.Visibility
	}
	r := o.newRepository(spec)
	r.Fork, r.Parent, r.store = true, parent, parent.store
	for name, sha := range parent.refs {
		if !strings.HasPrefix(name, "refs/pull/") {
			r.refs[name] = sha
		}
	}
	return r
}

func (o *Organisation) newRepository(spec RepositorySpec) *Repository {
	r := &Repository{
		ID: spec.ID, Owner: spec.Owner, Name: spec.Name, Description: spec.Description, DefaultBranch: spec.DefaultBranch,
		Visibility: spec.Visibility, Archived: spec.Archived, MergeCommitAllowed: true, SquashMergeAllowed: true, RebaseMergeAllowed: true,
		SquashTitle: "PR_TITLE", SquashMessage: "COMMIT_MESSAGES", CreatedAt: second(spec.CreatedAt), org: o, refs: map[string]string{}, index: newRepositoryIndex(),
	}
	if r.ID == 0 {
		r.ID = o.nextID()
	}
	if r.Owner == nil {
		r.Owner = o.Account
	}
	if r.DefaultBranch == "" {
		r.DefaultBranch = "main"
	}
	if r.Visibility == "" {
		r.Visibility = "private"
	}
	if r.CreatedAt.IsZero() {
		r.CreatedAt = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	r.UpdatedAt, r.PushedAt = r.CreatedAt, r.CreatedAt
	for _, name := range spec.Environments {
		r.AddEnvironment(name, r.CreatedAt)
	}
	o.Repositories = append(o.Repositories, r)
	return r
}

// FullName is owner and name, acme/api.
func (r *Repository) FullName() string { return r.Owner.Login + "/" + r.Name }

func (r *Repository) private() bool { return r.Visibility != "public" }

// Repository finds a repository by the full name that it has or had, or gives nil; GitHub compares without case. A name
// that is in use again no longer leads to the one that had it.
func (o *Organisation) Repository(fullName string) *Repository {
	for _, r := range o.Repositories {
		if strings.EqualFold(r.FullName(), fullName) {
			return r
		}
	}
	for _, r := range slices.Backward(o.Repositories) {
		if slices.ContainsFunc(r.FormerNames, func(s string) bool { return strings.EqualFold(s, fullName) }) {
			return r
		}
	}
	return nil
}

// RepositoryByID gives the repository of an id, or nil.
func (o *Organisation) RepositoryByID(id int64) *Repository {
	for _, r := range o.Repositories {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// Rename gives a repository a new name (api) or, with an owner, a new place (other/api). The old name is redirected.
func (o *Organisation) Rename(r *Repository, name string, at time.Time) {
	r.FormerNames = append(r.FormerNames, r.FullName())
	if owner := path.Dir(name); owner != "." {
		r.Owner = o.account(owner)
	}
	r.Name = path.Base(name)
	r.touch(at)
}

// DeleteRepository takes a repository away; pull requests from it lose their head repository.
func (o *Organisation) DeleteRepository(r *Repository) {
	o.Repositories = slices.DeleteFunc(o.Repositories, func(x *Repository) bool { return x == r })
	for _, other := range o.Repositories {
		if other.Parent == r {
			other.Parent, other.Fork = nil, false
		}
		for _, p := range other.PullRequests {
			if p.HeadRepository == r {
				p.HeadRepository = nil
			}
		}
	}
}

// Archive makes a repository read-only.
func (r *Repository) Archive(at time.Time) {
	r.Archived = true
	r.touch(at)
}

// touch moves updated_at.
func (r *Repository) touch(at time.Time) { later(&r.UpdatedAt, at) }

func (o *Organisation) account(login string) *Account {
	for _, a := range o.Accounts {
		if strings.EqualFold(a.Login, login) {
			return a
		}
	}
	panic(fmt.Sprintf("github fake: there is no account %q", login))
}

// later moves a time forward, never back.
func later(t *time.Time, to time.Time) {
	if to = second(to); to.After(*t) {
		*t = to
	}
}

// second cuts a time to what GitHub keeps of it.
func second(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC().Truncate(time.Second)
}
