package incidentio

import (
	"sync"
	"time"
)

// Organisation is all that one account holds. Objects name each other by id and are put together when they are served,
// so that a renamed severity shows in every incident while no incident's updated_at moves, as in the real API.
//
// Fill it before it is served; from then on change it only through Edit and the methods of Server.
type Organisation struct {
	mu sync.RWMutex

	Name         string // the account's name
	Slug         string // in permalinks: https://app.incident.io/<slug>/incidents/<number>
	Severities   []*Severity
	Statuses     []*Status
	Types        []*Type
	Timestamps   []*Timestamp
	Roles        []*Role
	CustomFields []*CustomField
	CatalogTypes []*CatalogType
	Users        []*User
	Teams        []*Team
	Incidents    []*Incident
	Updates      []*Update
	FollowUps    []*FollowUp
	Postmortems  []*Postmortem
	Attachments  []*Attachment
}

// Edit runs f alone: no request is answered meanwhile.
func (o *Organisation) Edit(f func(*Organisation)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	f(o)
}

// Definition is what every configured object has.
type Definition struct {
	ID, Name, Description string
	CreatedAt, UpdatedAt  time.Time
}

// Severity of incidents; a higher rank is more severe.
type Severity struct {
	Definition
	Rank int
}

// Status of the lifecycle, with its category (triage, live, paused, learning, closed, declined, merged, canceled).
type Status struct {
	Definition
	Category string
	Rank     int
}

// Type of incidents.
type Type struct {
	Definition
	IsDefault, PrivateOnly bool
}

// Timestamp is the definition of a named point in time.
type Timestamp struct {
	ID, Name string
	Rank     int
}

// Role in an incident: RoleType is lead, reporter or custom.
type Role struct {
	Definition
	RoleType, Shortform string
	IsRequired          bool
}

// CustomField has options (select fields) or takes the entries of a catalog type.
type CustomField struct {
	Definition
	FieldType   string // single_select, multi_select, text, link or numeric
	CatalogType string // ID, for a field whose values are catalog entries
	Options     []*FieldOption
}

// FieldOption is one option of a select field.
type FieldOption struct {
	ID, Value string
	SortKey   int
}

// CatalogType with its entries.
type CatalogType struct {
	Definition
	TypeName   string
	Attributes []CatalogAttribute
	Entries    []*CatalogEntry
}

// CatalogAttribute is one thing that is known of each entry of a type.
type CatalogAttribute struct{ ID, Name, Type string }

// CatalogEntry is one thing of a catalog type.
type CatalogEntry struct {
	ID, Name, ExternalID string
	Aliases              []string
	Values               map[string]string // of attributes, by their ids
	CreatedAt            time.Time
}

// User of the account; Role is viewer, responder, administrator, owner or unset.
type User struct {
	ID, Name, Email, Role, SlackUserID string
	Inactive                           bool
}

// Team of the account.
type Team struct{ ID, Name string }

// Actor is who did something: exactly one of a user (by id), an API key, a workflow or an alert (by name).
type Actor struct{ User, APIKey, Workflow, Alert string }

// Incident as the organisation holds it; what it names, it names by id.
type Incident struct {
	ID         string
	Number     int // INC-<number>
	Name       string
	Summary    string
	Mode       string // standard, retrospective, test or tutorial
	Visibility string // public or private
	Creator    Actor
	Status     string
	Severity   string // none if empty
	Type       string // none if empty
	Fields     []FieldValue
	Roles      []RoleAssignment
	Timestamps []TimestampValue
	Teams      []string
	CallURL    string
	CreatedAt  time.Time
	UpdatedAt  time.Time
	// ActiveAt is last_activity_at, which moves more often than UpdatedAt; UpdatedAt if zero.
	ActiveAt time.Time
	// Durations are the account's own figures of it; nil is one, "Time open", which runs by itself while it is not over.
	Durations []DurationMetric

	// Extra fields are added to the incident's object as they are, over its own: for what a newer API might send.
	Extra map[string]any
	// Omit names fields that are left out of the object: for a broken record.
	Omit []string
}

// FieldValue is what an incident has in one custom field.
type FieldValue struct {
	Field   string
	Options []string // ids of options
	Entries []string // ids of catalog entries
	Text    string
	Link    string
	Numeric string
}

// RoleAssignment gives a role to a user.
type RoleAssignment struct{ Role, User string }

// TimestampValue is when an incident reached a named point.
type TimestampValue struct {
	Timestamp string
	At        time.Time
}

// DurationMetric is a duration that the account has defined, and its figure of an incident.
type DurationMetric struct {
	ID, Name string
	Seconds  int64
}

// Update of an incident: a message, a new status or severity, or all of them.
type Update struct {
	ID, Incident string
	Status       string // the incident's status from this update on
	Severity     string // set if this update changed it
	Message      string
	MergedInto   string // id of an incident
	Updater      Actor
	CreatedAt    time.Time
}

// FollowUp of an incident: Status is outstanding, completed, deleted or not_doing.
type FollowUp struct {
	ID, Incident, Title, Description, Status string
	Labels                                   []string
	Assignee, AssigneeTeam                   string
	Priority                                 Ranked
	Category                                 Ranked
	Creator                                  Actor
	IssueName, IssueURL                      string // of a GitHub issue
	CreatedAt, UpdatedAt, CompletedAt        time.Time
}

// Postmortem is a document about an incident: Status is in_progress, in_review or completed, Type in_app unless set.
type Postmortem struct {
	ID, Incident, Title, Status, Type, URL string
	Editors                                []string // ids of users
	Exported                               []string // addresses
	CreatedAt, UpdatedAt                   time.Time
}

// Ranked is a named level with a rank; absent if its ID is empty.
type Ranked struct {
	ID, Name string
	Rank     int
}

// Attachment links an incident to a thing elsewhere.
type Attachment struct{ ID, Incident, ResourceType, ExternalID, Permalink, Title string }

// find gives the element with the id, or nil.
func find[T any](list []*T, id string, of func(*T) string) *T {
	if id == "" {
		return nil
	}
	for _, x := range list {
		if of(x) == id {
			return x
		}
	}
	return nil
}

// Incident gives the incident of an id or a number in decimal digits, or nil. Hold the lock (Edit) while using it.
func (o *Organisation) Incident(idOrNumber string) *Incident {
	for _, i := range o.Incidents {
		if i.ID == idOrNumber || itoa(i.Number) == idOrNumber {
			return i
		}
	}
	return nil
}
