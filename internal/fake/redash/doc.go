// Package redash is a Redash server for tests, in this process: queries, visualizations, dashboards, widgets, data sources and
// runs of queries, as versions 10.1, 25.8 and 26.08 answer. It has what a provisioner meets, poor answers and all:
//
//   - a wrong key is 404, a GET of an address that there is not is a page of 200, almost any malformed body is 500;
//   - names are unique nowhere; a query comes with a TABLE visualization and as a draft, and its version stays 1; that of a
//     dashboard rises with each write, and a stale one is 409;
//   - POST of a dashboard keeps nothing but the name; widgets' required keys differ by version;
//   - lists hide what is archived and others' drafts, and a page beyond the end is 400;
//   - a run is a job that has to be asked for; parameters are checked, dropdowns against the latest result of their query.
//
// It keeps every request, and can fail one or lose its answer. It runs no SQL: what a query gives is a function of its text.
// Users other than by [Server.AddUser], permissions on single objects, alerts and the pages themselves it has not.
package redash
