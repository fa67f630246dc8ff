// Package incidentio reads incident.io's public API: incidents of every mode and status category, their updates,
// follow-ups and attachments, and the definitions they refer to.
//
// It yields objects as they came. It decides what to ask for and when: what changed, what may have changed without
// saying so, and what must be read whole so that deletions are noticed. Every stream's file says why it misses nothing.
// It writes nothing to incident.io and knows no warehouse.
package incidentio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"fourfold/extract"
	"fourfold/transform"
)

// Options say how to read.
type Options struct {
	BaseURL string // https://api.incident.io unless set
	// APIKey gives the key; it is asked before every request, so that a key that was changed is used at once.
	APIKey func() (string, error)
	// NoLimits turns the documented budgets off, for a server that has none. 429 is heeded all the same.
	NoLimits bool
	// Overlap is how far behind the last read the next one begins: updated_at is stamped before the change can be seen.
	Overlap time.Duration // 10 minutes
	// RefreshRecent is the age up to which an incident is read again in every run.
	RefreshRecent time.Duration // 30 days
	// RefreshOthers is the time within which everything is read again once.
	RefreshOthers time.Duration // 7 days
	// PrivateIncidents (exclude, redact, include) and People (hash, include, drop) are the privacy policy that rows are
	// made under. It is applied by transform; here a change of it means that everything must be read again, and users
	// are not read at all when people are dropped.
	PrivateIncidents string
	People           string

	Version   string // of the program, for the User-Agent
	Logger    *slog.Logger
	Clock     extract.Clock
	Redactor  *extract.Redactor
	Transport http.RoundTripper
}

// Source reads one incident.io organisation.
type Source struct {
	opts   Options
	client *extract.Client
	log    *slog.Logger
	size   int // rows a page
}

// New checks the options; it connects to nothing yet.
func New(opts Options) (*Source, error) {
	if opts.APIKey == nil {
		return nil, errors.New("incidentio: no API key: set sources.incidentio.api_key")
	}
	defaultTo(&opts.BaseURL, "https://api.incident.io")
	defaultTo(&opts.Overlap, 10*time.Minute)
	defaultTo(&opts.RefreshRecent, 30*24*time.Hour)
	defaultTo(&opts.RefreshOthers, 7*24*time.Hour)
	defaultTo(&opts.PrivateIncidents, "exclude")
	defaultTo(&opts.People, "hash")
	defaultTo(&opts.Version, "dev")
	if opts.Redactor == nil {
		opts.Redactor = &extract.Redactor{}
	}
	client, err := newClient(opts)
	if err != nil {
		return nil, fmt.Errorf("incidentio: sources.incidentio.base_url: %w", err)
	}
	return &Source{opts: opts, client: client, log: client.Logger(), size: pageSize}, nil
}

func defaultTo[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// Name is the source's name in configuration, cursors and runs.
func (s *Source) Name() string { return "incidentio" }

// Close ends idle connections.
func (s *Source) Close() { s.client.Close() }

// Counts gives what a stream has cost so far.
func (s *Source) Counts(stream string) extract.Counts { return s.client.Counts(stream) }

// Quotas gives what the server last said is left of its limits.
func (s *Source) Quotas() []extract.Quota { return s.client.Quotas() }

// Streams gives every stream in the order in which they must run: definitions, then incidents, then what belongs to
// incidents, which looks up what has landed of them.
func (s *Source) Streams() []extract.Stream {
	streams := []extract.Stream{
		s.definition("severities", "/v1/severities", transform.IncidentioSeverities),
		s.definition("incident_statuses", "/v1/incident_statuses", transform.IncidentioIncidentStatuses),
		s.definition("incident_types", "/v1/incident_types", transform.IncidentioIncidentTypes),
		s.definition("incident_timestamps", "/v2/incident_timestamps", transform.IncidentioIncidentTimestamps),
		s.definition("incident_roles", "/v2/incident_roles", transform.IncidentioIncidentRoles),
		s.definition("custom_fields", "/v2/custom_fields", transform.IncidentioCustomFields),
		{Name: "custom_field_options", Table: transform.IncidentioCustomFieldOptions, Read: s.readOptions},
		{Name: "users", Table: transform.IncidentioUsers, Read: s.readUsers},
		{Name: "incidents", Table: transform.IncidentioIncidents, Read: s.readIncidents},
		{Name: "incident_updates", Table: transform.IncidentioIncidentUpdates, Read: s.readUpdates},
		{Name: "follow_ups", Table: transform.IncidentioFollowUps, Read: s.readFollowUps},
		{Name: "incident_attachments", Table: transform.IncidentioIncidentAttachments, Read: s.readAttachments},
		{Name: "postmortem_documents", Table: transform.IncidentioPostmortems, Read: s.readPostmortems},
	}
	if s.opts.People == "drop" {
		streams = slices.DeleteFunc(streams, func(st extract.Stream) bool { return st.Name == "users" })
	}
	for i, st := range streams {
		streams[i].Read = named(st.Name, st.Read)
	}
	return streams
}

// Identity is what the API says of the key in use.
type Identity struct {
	Name         string   `json:"name"`
	Roles        []string `json:"roles"`
	TeamRoles    []string `json:"team_roles"`
	DashboardURL string   `json:"dashboard_url"`
	Teams        []struct {
		Name string `json:"name"`
	} `json:"teams"`
}

// SeesPrivate reports whether lists answer private incidents to this key; without it they are absent without a word.
func (i Identity) SeesPrivate() bool { return slices.Contains(i.Roles, "global_access") }

// Check asks who the key is. It fails as every request would: no network, a wrong key.
func (s *Source) Check(ctx context.Context) (Identity, error) {
	var answer struct {
		Identity *Identity `json:"identity"`
	}
	_, err := s.client.Get(ctx, extract.Request{Stream: "identity", Path: "/v1/identity", Check: func(body []byte) error {
		if err := json.Unmarshal(body, &answer); err != nil {
			return err
		}
		if answer.Identity == nil {
			return errors.New(`it has no "identity"`)
		}
		return nil
	}}, nil)
	if err != nil {
		return Identity{}, fmt.Errorf("incidentio: check the API key: %w", err)
	}
	return *answer.Identity, nil
}

// authorization gives the header for one request and keeps the key out of every text from then on.
func (o *Options) authorization() (string, error) {
	key, err := o.APIKey()
	if err != nil {
		return "", fmt.Errorf("read sources.incidentio.api_key: %w", o.Redactor.Error(err))
	}
	if key = strings.TrimSpace(key); key == "" {
		return "", errors.New("sources.incidentio.api_key is empty: make a key under Settings, API keys, in incident.io and set it")
	}
	o.Redactor.Add(key)
	return "Bearer " + key, nil
}
