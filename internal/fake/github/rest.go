package github

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// endpoint of the REST API. {name} takes one part of a path, {name...} the rest.
type endpoint struct {
	method, path string
	permission   string // of the repository; none if empty
	doc          string // page of the documentation
	free         bool   // costs no point
	answer       func(c *restCall) (any, *apiError)
}

var endpoints = []endpoint{
	{"GET", "/repos/{owner}/{repo}", "metadata", "/repos/repos#get-a-repository", false, (*restCall).repository},
	{"GET", "/repos/{owner}/{repo}/deployments", "deployments", "/deployments/deployments#list-deployments", false, (*restCall).deployments},
	{"GET", "/repos/{owner}/{repo}/deployments/{deployment_id}", "deployments", "/deployments/deployments#get-a-deployment", false, (*restCall).deployment},
	{"GET", "/repos/{owner}/{repo}/deployments/{deployment_id}/statuses", "deployments", "/deployments/statuses#list-deployment-statuses", false, (*restCall).statuses},
	{"GET", "/repos/{owner}/{repo}/environments", "actions", "/deployments/environments#list-environments", false, (*restCall).environments},
	{"GET", "/repos/{owner}/{repo}/commits", "contents", "/commits/commits#list-commits", false, (*restCall).commits},
	{"GET", "/repos/{owner}/{repo}/commits/{commit_sha}", "contents", "/commits/commits#get-a-commit", false, (*restCall).commit},
	{"GET", "/repos/{owner}/{repo}/commits/{commit_sha}/pulls", "pull_requests", "/commits/commits#list-pull-requests-associated-with-a-commit", false, (*restCall).pullsOfCommit},
	{"GET", "/repos/{owner}/{repo}/compare/{basehead...}", "contents", "/commits/commits#compare-two-commits", false, (*restCall).compare},
	{"GET", "/repos/{owner}/{repo}/pulls", "pull_requests", "/pulls/pulls#list-pull-requests", false, (*restCall).pulls},
	{"GET", "/repos/{owner}/{repo}/pulls/{pull_number}", "pull_requests", "/pulls/pulls#get-a-pull-request", false, (*restCall).pull},
	{"GET", "/repos/{owner}/{repo}/pulls/{pull_number}/commits", "pull_requests", "/pulls/pulls#list-commits-on-a-pull-request", false, (*restCall).pullCommits},
	{"GET", "/repos/{owner}/{repo}/pulls/{pull_number}/files", "pull_requests", "/pulls/pulls#list-pull-requests-files", false, (*restCall).pullFiles},
	{"GET", "/repos/{owner}/{repo}/actions/runs", "actions", "/actions/workflow-runs#list-workflow-runs-for-a-repository", false, (*restCall).runs},
	{"GET", "/repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}", "actions", "/actions/workflow-runs#get-a-workflow-run-attempt", false, (*restCall).runAttempt},
	{"GET", "/repos/{owner}/{repo}/releases", "contents", "/releases/releases#list-releases", false, (*restCall).releases},
	{"GET", "/repos/{owner}/{repo}/tags", "metadata", "/repos/repos#list-repository-tags", false, (*restCall).tags},
	{"GET", "/repos/{owner}/{repo}/git/matching-refs/{ref...}", "contents", "/git/refs#list-matching-references", false, (*restCall).matchingRefs},
	{"GET", "/repos/{owner}/{repo}/activity", "contents", "/repos/repos#list-repository-activities", false, (*restCall).activities},
	{"GET", "/orgs/{org}/repos", "", "/repos/repos#list-organization-repositories", false, (*restCall).ownersRepositories},
	{"GET", "/users/{user}/repos", "", "/repos/repos#list-repositories-for-a-user", false, (*restCall).ownersRepositories},
	{"GET", "/user/repos", "", "/repos/repos#list-repositories-for-the-authenticated-user", false, (*restCall).ownRepositories},
	{"GET", "/installation/repositories", "", "/apps/installations#list-repositories-accessible-to-the-app-installation", false, (*restCall).installed},
	{"GET", "/rate_limit", "", "/rate-limit/rate-limit#get-rate-limit-status-for-the-authenticated-user", true, (*restCall).rateLimit},
	{"POST", "/app/installations/{installation_id}/access_tokens", "", "/apps/apps#create-an-installation-access-token-for-an-app", false, nil},
}

// match compares a path with the endpoint's.
func (e *endpoint) match(path string) (map[string]string, bool) {
	params := map[string]string{}
	pattern, given := strings.Split(e.path[1:], "/"), strings.Split(strings.TrimPrefix(path, "/"), "/")
	for i, part := range pattern {
		if i >= len(given) || given[i] == "" && !strings.HasSuffix(part, "...}") {
			return nil, false
		}
		switch {
		case strings.HasSuffix(part, "...}"):
			params[part[1:len(part)-4]] = strings.Join(given[i:], "/")
			return params, true
		case strings.HasPrefix(part, "{"):
			params[part[1:len(part)-1]] = given[i]
		case part != given[i]:
			return nil, false
		}
	}
	return params, len(pattern) == len(given)
}

// restCall is one request to an endpoint.
type restCall struct {
	*exchange
	endpoint *endpoint
	params   map[string]string
	repo     *Repository
	query    url.Values
	links    string
	version  string
	issues   map[*Repository]int // open ones, counted once for an answer
}

func (c *restCall) doc() string { return docs + c.endpoint.doc }

// rest answers a request to the REST API.
func (x *exchange) rest(authErr *apiError) {
	h := x.w.Header()
	h.Set("X-GitHub-Media-Type", "github.v3; format=json")
	path, byID := x.r.URL.Path, ""
	if rest, ok := strings.CutPrefix(path, "/repositories/"); ok {
		id, more, _ := strings.Cut(rest, "/")
		byID, path = id, strings.TrimSuffix("/repos/{id}/{id}/"+more, "/")
	}
	c := &restCall{exchange: x, query: x.r.URL.Query()}
	for i := range endpoints {
		if params, ok := endpoints[i].match(path); ok && endpoints[i].method == x.r.Method {
			c.endpoint, c.params = &endpoints[i], params
			break
		}
	}
	x.note.Endpoint = x.r.Method + " (unknown)"
	if c.endpoint != nil {
		x.note.Endpoint = x.r.Method + " " + c.endpoint.path
		if byID == "" && c.params["repo"] != "" {
			x.note.Repository = c.params["owner"] + "/" + c.params["repo"]
		}
	}
	if c.endpoint != nil && c.endpoint.method == http.MethodPost {
		x.record()
		if f, answered := x.meetFault(graphShape{}); answered || f != nil && f.send != nil {
			if !answered {
				x.finish(f, http.StatusCreated, []byte("{}"))
			}
			return
		}
		if err := x.server.installationToken(x.w, x.r, c.params["installation_id"], x.now); err != nil {
			x.fail(err)
		}
		return
	}
	x.answerGet(c, authErr, byID)
}

// answerGet checks everything in GitHub's order and sends the answer.
func (x *exchange) answerGet(c *restCall, authErr *apiError, byID string) {
	s, free := x.server, c.endpoint != nil && c.endpoint.free
	early := func() *apiError {
		if x.r.UserAgent() == "" {
			return &apiError{status: http.StatusForbidden, message: "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.", doc: docs}
		}
		if authErr != nil {
			return authErr
		}
		if err := s.secondary(x.who, "core", x.now); err != nil {
			return err
		}
		if !free {
			if !s.spend(x.who, "core", 1, x.now) {
				return limitExceeded(s.limitStatus, x.whoText())
			}
			x.note.Cost = 1
		}
		return nil
	}()
	x.record()
	if authErr == nil {
		s.limitHeaders(x.w.Header(), x.who, "core", x.now)
	}
	if early != nil {
		x.fail(early)
		return
	}
	fault, answered := x.meetFault(graphShape{})
	if answered {
		return
	}
	s.org.mu.RLock()
	answer, err := c.run(byID)
	var body []byte
	if err == nil {
		body = mustJSON(answer)
	}
	s.org.mu.RUnlock()
	if err != nil {
		x.fail(err)
		return
	}
	h := x.w.Header()
	if c.links != "" {
		h.Set("Link", c.links)
	}
	etag := c.etag(body)
	h.Set("ETag", etag)
	h.Set("Vary", "Accept, Authorization, Cookie, X-GitHub-OTP, Accept-Encoding, Accept, X-Requested-With")
	h.Set("Cache-Control", "private, max-age=60, s-maxage=60")
	if matches(x.r.Header.Get("If-None-Match"), etag) && !free {
		if x.who != nil {
			s.giveBack(x.who, "core", 1, x.now)
			s.limitHeaders(h, x.who, "core", x.now)
			x.noted(func(n *Request) { n.Cost = 0 })
		}
		x.w.WriteHeader(http.StatusNotModified)
		return
	}
	x.finish(fault, http.StatusOK, body)
}

func (x *exchange) whoText() string {
	if x.who == nil {
		return "127.0.0.1"
	}
	return x.who.name
}

// run finds the repository, checks the permission and answers. The organisation stands still meanwhile.
func (c *restCall) run(byID string) (any, *apiError) {
	if c.endpoint == nil {
		return nil, notFound(docs)
	}
	c.version = c.r.Header.Get("X-GitHub-Api-Version")
	switch c.version {
	case "":
		c.version = "2022-11-28"
	case "2022-11-28", "2026-03-10":
	default:
		return nil, &apiError{status: http.StatusBadRequest, message: fmt.Sprintf("%q is not a supported version.", c.version), doc: docs + "/about-the-rest-api/api-versions"}
	}
	c.w.Header().Set("X-GitHub-Api-Version-Selected", c.version)
	if c.endpoint.permission == "" {
		return c.endpoint.answer(c)
	}
	if err := c.findRepository(byID); err != nil {
		return nil, err
	}
	c.w.Header().Set("X-Accepted-GitHub-Permissions", c.endpoint.permission+"=read")
	if !c.who.may(c.repo, c.endpoint.permission) {
		return nil, notAccessible(c.who, c.doc())
	}
	return c.endpoint.answer(c)
}

// findRepository by id or by name; a name of earlier is redirected to the id.
func (c *restCall) findRepository(byID string) *apiError {
	if byID != "" {
		id, _ := strconv.ParseInt(byID, 10, 64)
		if c.repo = c.server.org.RepositoryByID(id); c.repo == nil || !c.who.sees(c.repo) {
			return notFound(c.doc())
		}
		c.noted(func(n *Request) { n.Repository = c.repo.FullName() })
		return nil
	}
	asked := c.params["owner"] + "/" + c.params["repo"]
	if c.repo = c.repositoryIn(asked); c.repo == nil {
		return notFound(c.doc())
	}
	if strings.EqualFold(asked, c.repo.FullName()) {
		return nil
	}
	target := c.base() + fmt.Sprintf("/repositories/%d", c.repo.ID) + strings.TrimPrefix(c.r.URL.Path, "/repos/"+asked)
	if c.r.URL.RawQuery != "" {
		target += "?" + c.r.URL.RawQuery
	}
	return &apiError{status: http.StatusMovedPermanently, message: "Moved Permanently", doc: docs + "/guides/best-practices-for-using-the-rest-api#follow-redirects", header: map[string]string{"Location": target}}
}

// base is the address of the API as the client knows it.
func (x *exchange) base() string { return "http://" + x.r.Host }

// etag is bound to the token, as GitHub's is: over the values of three headers and the body.
func (c *restCall) etag(body []byte) string {
	h := sha256.New()
	h.Write([]byte(c.r.Header.Get("Accept") + ":" + c.r.Header.Get("Authorization") + ":" + c.r.Header.Get("Cookie")))
	h.Write(body)
	return fmt.Sprintf(`W/"%x"`, h.Sum(nil))
}

func matches(ifNoneMatch, etag string) bool {
	for given := range strings.SplitSeq(ifNoneMatch, ",") {
		if strings.TrimPrefix(strings.TrimSpace(given), "W/") == strings.TrimPrefix(etag, "W/") {
			return true
		}
	}
	return false
}
