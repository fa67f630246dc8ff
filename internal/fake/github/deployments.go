package github

import (
	"slices"
	"strings"
	"time"
)

// Environment of a repository.
type Environment struct {
	ID                   int64
	Name                 string
	CreatedAt, UpdatedAt time.Time
}

// AddEnvironment adds an environment, or gives the one that has the name.
func (r *Repository) AddEnvironment(name string, at time.Time) *Environment {
	for _, e := range r.Environments {
		if e.Name == name {
			return e
		}
	}
	e := &Environment{ID: r.org.nextID(), Name: name, CreatedAt: second(at), UpdatedAt: second(at)}
	r.Environments = append(r.Environments, e)
	return e
}

// RenameEnvironment renames an environment. Deployments keep the name under which they were made.
func (r *Repository) RenameEnvironment(from, to string, at time.Time) {
	for _, e := range r.Environments {
		if e.Name == from {
			e.Name = to
			later(&e.UpdatedAt, at)
		}
	}
}

// Deployment of a commit to an environment.
type Deployment struct {
	ID                  int64
	SHA                 string
	Ref                 string // as it was asked for: branch, tag or sha
	Task                string
	Environment         string // that of the newest status that names one
	OriginalEnvironment string
	Transient           bool
	Production          bool
	ByActions           bool // made by a workflow: a later success makes it inactive in production too
	Description         string
	Payload             any // an object, or a string that may hold JSON
	Creator             *Account
	State               string // of GraphQL, where it is not to follow from the statuses
	Statuses            []*Status
	CreatedAt           time.Time
	UpdatedAt           time.Time

	repo *Repository
}

// DeploymentSpec says what a new deployment is like. Ref and CreatedAt must be given.
type DeploymentSpec struct {
	ID          int64
	Ref         string
	SHA         string // default: what Ref is at the moment
	Task        string // default deploy
	Environment string // default production
	Production  *bool  // default: whether the environment is called production
	Transient   bool
	ByActions   bool
	Description string
	Payload     any // default: an empty string
	Creator     *Account
	CreatedAt   time.Time
}

// AddDeployment adds a deployment without a status.
func (r *Repository) AddDeployment(spec DeploymentSpec) *Deployment {
	d := &Deployment{
		ID: spec.ID, SHA: spec.SHA, Ref: spec.Ref, Task: spec.Task, Environment: spec.Environment, Transient: spec.Transient,
		ByActions: spec.ByActions, Description: spec.Description, Payload: spec.Payload, Creator: spec.Creator,
		CreatedAt: second(spec.CreatedAt), UpdatedAt: second(spec.CreatedAt), repo: r,
	}
	if d.ID == 0 {
		d.ID = r.org.nextID()
	}
	if d.SHA == "" {
		d.SHA = r.mustResolve(d.Ref)
	}
	if d.Task == "" {
		d.Task = "deploy"
	}
	if d.Environment == "" {
		d.Environment = "production"
	}
	d.OriginalEnvironment = d.Environment
	d.Production = d.Environment == "production"
	if spec.Production != nil {
		d.Production = *spec.Production
	}
	if d.Payload == nil {
		d.Payload = ""
	}
	r.AddEnvironment(d.Environment, d.CreatedAt)
	r.Deployments = append(r.Deployments, d)
	r.index.deployments[d.ID] = d
	return d
}

// Status of a deployment.
type Status struct {
	ID             int64
	State          string // error, failure, inactive, in_progress, pending, queued, success or waiting
	Creator        *Account
	Description    string
	Environment    string
	EnvironmentURL string
	LogURL         string
	CreatedAt      time.Time
	UpdatedAt      time.Time

	deployment *Deployment
}

// StatusSpec says what a new status is like. State and At must be given.
type StatusSpec struct {
	ID             int64
	State          string
	Creator        *Account // default: the deployment's
	Description    string
	Environment    string // default: the deployment's; another one moves the deployment there
	EnvironmentURL string
	LogURL         string
	KeepOthers     bool // auto_inactive: false
	At             time.Time
}

// AddStatus appends a status and moves the deployment's updated_at; its place in every list stays. A success makes earlier
// deployments to the same environment inactive, unless they are transient or in production and no workflow made them.
func (d *Deployment) AddStatus(spec StatusSpec) *Status {
	s := &Status{
		ID: spec.ID, State: strings.ToLower(spec.State), Creator: spec.Creator, Description: spec.Description, Environment: spec.Environment,
		EnvironmentURL: spec.EnvironmentURL, LogURL: spec.LogURL, CreatedAt: second(spec.At), UpdatedAt: second(spec.At), deployment: d,
	}
	if s.ID == 0 {
		s.ID = d.repo.org.nextID()
	}
	if s.Creator == nil {
		s.Creator = d.Creator
	}
	if s.Environment == "" {
		s.Environment = d.Environment
	}
	d.Environment = s.Environment
	d.Statuses = append(d.Statuses, s)
	later(&d.UpdatedAt, s.CreatedAt)
	if s.State == "success" && !spec.KeepOthers {
		d.supersede(s)
	}
	return s
}

// supersede appends inactive to the earlier deployments that a success replaces.
func (d *Deployment) supersede(s *Status) {
	for _, other := range d.repo.Deployments {
		if other == d || other.Environment != d.Environment || other.Transient || other.Production && !other.ByActions {
			continue
		}
		if before := compareCreated(other.CreatedAt, other.ID, d.CreatedAt, d.ID) < 0; before && other.latest() != nil && other.latest().State == "success" {
			other.AddStatus(StatusSpec{State: "inactive", Creator: s.Creator, At: s.CreatedAt})
		}
	}
}

// Finish is the usual course: queued or in_progress at the start, then the end state.
func (d *Deployment) Finish(state string, at time.Time) *Status {
	if len(d.Statuses) == 0 {
		d.AddStatus(StatusSpec{State: "in_progress", At: d.CreatedAt})
	}
	return d.AddStatus(StatusSpec{State: state, At: at})
}

// latest is the newest status, or nil.
func (d *Deployment) latest() *Status {
	if len(d.Statuses) == 0 {
		return nil
	}
	return slices.MaxFunc(d.Statuses, func(a, b *Status) int { return compareCreated(a.CreatedAt, a.ID, b.CreatedAt, b.ID) })
}

// graphState is Deployment.state of GraphQL at an instant.
func (d *Deployment) graphState(now time.Time) string {
	if d.State != "" {
		return d.State
	}
	s := d.latest()
	state := "pending"
	if s != nil {
		state = s.State
	}
	switch {
	case state == "success":
		return "ACTIVE"
	case state == "inactive" && d.Transient:
		return "DESTROYED"
	case state == "pending" && now.Sub(d.UpdatedAt) > 30*time.Minute:
		return "ABANDONED"
	}
	return strings.ToUpper(state)
}

// DeleteDeployment takes a deployment away without a trace, as GitHub does.
func (r *Repository) DeleteDeployment(id int64) {
	r.Deployments = slices.DeleteFunc(r.Deployments, func(d *Deployment) bool { return d.ID == id })
	delete(r.index.deployments, id)
}

// Deployment gives the deployment of an id, or nil.
func (r *Repository) Deployment(id int64) *Deployment { return r.index.deployments[id] }

// compareCreated orders by time, then by id.
func compareCreated(at time.Time, id int64, bt time.Time, bid int64) int {
	if c := at.Compare(bt); c != 0 {
		return c
	}
	switch {
	case id < bid:
		return -1
	case id > bid:
		return 1
	}
	return 0
}
