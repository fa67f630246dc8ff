// Package demo makes the organisation that `fourfold demo` shows: a shop in Tokyo with eight services and four teams, whose
// people write Japanese and English, over the eighteen months up to a given instant.
//
// It is made from a seed: the same seed and instant give the same objects, byte for byte. Every trap of incident data is
// in it: private, test, tutorial, retrospective, declined, merged, canceled, paused and reopened incidents, ones that are
// still open, that lack timestamps, severity or service, that name two services or one by two names, whose times are equal
// or in impossible order. Package expect says what its numbers must be.
package demo
