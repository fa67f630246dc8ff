package main

import (
	"cmp"
	"fmt"
	"path/filepath"

	"fourfold/extract"
	"fourfold/extract/file"
	"fourfold/internal/config"
	"fourfold/internal/pipeline"
)

// files are the sets of files that the configuration names.
func (a *app) files(sets []config.File) pipeline.Source {
	o := file.Options{Dir: a.cfg.Dir(), Logger: a.log, PrivateIncidents: string(a.cfg.Privacy.PrivateIncidents)}
	for i, f := range sets {
		key := fmt.Sprintf("sources.files[%d]", i)
		path := string(f.Path)
		if relative, err := filepath.Rel(a.cfg.Dir(), path); err == nil {
			path = relative
		}
		o.Sets = append(o.Sets, file.Set{
			Key: a.cfg.Problem(key, "", "").Error(), Path: path, Kind: file.Kind(f.Kind), Files: f.Path.Files, Mapping: f.Mapping,
			Zone: cmp.Or(f.Timezone.Location, a.cfg.Timezone.Location), Service: f.Service, MaxDeletions: f.MaxDeletions.Fraction(),
			People: string(a.cfg.Privacy.People),
			Unmapped: func(ours, theirs string, known []string) error {
				return a.cfg.Unknown(key+".mapping."+ours, theirs, known)
			},
		})
	}
	src := file.New(o)
	return pipeline.Source{
		Name: src.Name(), Streams: src.Streams(), MaxDeletions: 1, // the sets have limits of their own
		Requests: func(string) int64 { return 0 }, Quotas: func() []extract.Quota { return nil },
	}
}
