// Package redash makes the catalogue's dashboards on a Redash server, by its API: queries, visualizations, dashboards with their
// layout and filters, and how often they are refreshed.
//
// [Wanted] says what there should be, from the catalogue alone; a [Provisioner] compares it with what the server has and writes
// the difference, so that a second run writes nothing. What it made carries the tags `fourfold` and `fourfold:key=…` and belongs to
// the user of the key; visualizations and widgets carry the option `fourfold`. It touches nothing else, whatever its name, and
// archives only what it made itself. A run that ended half-way is finished by the next one.
//
// Nobody writes free text into a query: filters are choices, either fixed ones or those that a query of the marts gives, quoted
// there. The range of time is a choice too ("12 months"), which the warehouse turns into dates as of the published build: so the
// queries can be refreshed by a schedule, which ranges of dates cannot.
package redash
