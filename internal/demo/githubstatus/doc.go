// Package githubstatus makes an organisation of the incident platform out of the 399 real incidents of GitHub's status
// page in testdata/github-status, and computes what their time to restore must be.
//
// Each incident keeps its times to the second: created and "Impact started" at its first update, "Resolved at" its last,
// so that the time to restore by the rules of docs is resolved_at − started_at. The impact is its severity, its
// components are a multi-select custom field, its updates are incident updates; an update that only says something
// repeats the status before it. Scheduled maintenance begins in triage and goes into live work when it is in progress.
package githubstatus
