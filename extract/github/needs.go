package github

// Needs are what the configuration wants of a repository besides what is read of each.
type Needs struct {
	// Releases says that a service takes them for deployments.
	Releases bool
	// Workflows are the workflows whose runs a service takes for deployments: the name of the file, deploy.yml, or its whole
	// path. They compare without case.
	Workflows []string
	// Paths says that a service of the repository has paths, so that what each commit changed is wanted (C3).
	Paths bool
}

// needs gives what is wanted of a repository.
func (s *Source) needs(r repository) Needs {
	if s.opts.Needs == nil {
		return Needs{}
	}
	return s.opts.Needs(r.FullName, r.Configured)
}
