// Package github is a server that speaks GitHub's REST API (version 2022-11-28), its GraphQL API and git's smart HTTP
// protocol over one organisation held in memory, for tests and for the demo.
//
// Commits are real: every repository's objects are made here, with the shas that git gives them, and written as packs of a
// bare repository that git itself serves. GraphQL is executed over a committed copy of the schema, so that any valid query
// works and an invalid one gets GitHub's error. Costs follow the documented formulas, limits are enforced, permissions
// of tokens are checked as GitHub checks them, and the server can be told to fail (see Fault).
//
// Where the facts are silent it takes the stricter reading, so that a client that works here works there: statuses come
// in no order over GraphQL, ETags are bound to the token, a repository is private unless it says otherwise.
//
// It will not write (no POST but for tokens and queries, no push), knows nothing of webhooks and makes no refs/pull/N/merge.
package github
