// Package demo makes the organisation that `fourfold demo` shows: a shop in Tokyo with eight services and four teams, whose
// people write Japanese and English, over the eighteen months up to a given instant: its incidents, and its code.
//
// It is made from a seed: the same seed and instant give the same objects, byte for byte. Every trap of incident data is
// in it: private, test, tutorial, retrospective, declined, merged, canceled, paused and reopened incidents, ones that are
// still open, that lack timestamps, severity or service, that name two services or one by two names, whose times are equal
// or in impossible order. So is every trap of code: merges of all kinds, commits without a pull request, bots, forks that
// are gone, releases that failed, waited or were run again, rollbacks, hotfixes beside the main branch, commits that were
// force-pushed away, a repository of two services, two production environments, one that is spelled in two ways.
//
// The repositories come first, each played event by event: people open and merge pull requests, releases go to staging and
// to production, some break something and are mended. Most incidents follow from such a release, and say so or do not.
// Package expect says what the numbers must be.
package demo
