// Package incidentio is a server that speaks incident.io's API over an organisation held in memory, for tests and for
// the demo.
//
// It checks every request against a committed copy of the API's description (api.json), not against anybody's client:
// unknown paths, parameters, operators and values are the API's own errors, and so are a missing header, a wrong key, a
// key without the scope, a page size over the limit and two bounds on one field. It hides what the real API hides by
// default (test incidents, declined ones, deactivated users, private incidents), filters incidents by whole UTC dates
// and follow-ups by exact instants, pages by cursor, keeps the documented rate limits and can be told to fail
// (see Fault). Everything that is described in api.json and not held by an Organisation answers empty.
//
// Where the facts are silent it takes the stricter reading, so that a client that works here works there: a date filter
// of incidents must be a date, a parameter given twice is an error, an update's list is oldest first.
//
// It will not write (every endpoint is a GET) and it knows nothing of webhooks.
package incidentio
