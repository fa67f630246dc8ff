package mirror

import "context"

// Look asks the server for the repository's HEAD, to see whether it may be read; nothing is fetched.
func (r *Mirror) Look(ctx context.Context) error {
	return r.ask(ctx, "", "", nothing, "ls-remote", "--quiet", "--", r.url(), "HEAD")
}
