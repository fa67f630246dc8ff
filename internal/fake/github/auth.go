package github

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
)

// DefaultToken is the secret of the token that a server has when none is given: it may read everything.
const DefaultToken = "github_pat_fake_0123456789"

// Token is a personal access token.
type Token struct {
	Name   string
	Secret string
	Grants []Grant // none: everything may be read
}

// Grant lets a token read repositories (patterns of path.Match over acme/api; none: all of them) with permissions:
// contents, deployments, pull_requests, actions. Metadata goes with every grant.
type Grant struct {
	Repositories []string
	Permissions  []string
}

// App is a GitHub App with one installation. Its tokens are made on request, by a JWT that the app's key has signed.
type App struct {
	ID             int64
	InstallationID int64
	PublicKey      *rsa.PublicKey
	Grants         []Grant
	Life           time.Duration // of its tokens; default an hour
}

// principal is who a request comes from.
type principal struct {
	name    string
	secret  string
	app     bool
	grants  []Grant
	expires time.Time
}

func (p *principal) kind() string {
	if p != nil && p.app {
		return "integration"
	}
	return "personal access token"
}

// sees says whether the repository exists for the principal; nil is somebody without a token.
func (p *principal) sees(r *Repository) bool { return !r.private() || p.granted(r, "metadata") }

// may says whether the principal may read a part of a repository. Everybody may read everything of public ones.
func (p *principal) may(r *Repository, permission string) bool {
	return !r.private() || p.granted(r, permission)
}

func (p *principal) granted(r *Repository, permission string) bool {
	if p == nil {
		return false
	}
	if p.grants == nil {
		return true
	}
	for _, g := range p.grants {
		if g.covers(r) && (permission == "metadata" || slices.Contains(g.Permissions, permission)) {
			return true
		}
	}
	return false
}

func (g Grant) covers(r *Repository) bool {
	if len(g.Repositories) == 0 {
		return true
	}
	for _, name := range append([]string{r.FullName()}, r.FormerNames...) {
		if slices.ContainsFunc(g.Repositories, func(p string) bool { ok, _ := path.Match(p, name); return ok }) {
			return true
		}
	}
	return false
}

// authenticate finds who sent a request: nobody is fine, somebody unknown is not.
func (s *Server) authenticate(r *http.Request, now time.Time) (*principal, *apiError) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return nil, nil
	}
	scheme, secret, _ := strings.Cut(header, " ")
	switch strings.ToLower(scheme) {
	case "bearer", "token":
	case "basic":
		_, password, ok := r.BasicAuth()
		if !ok {
			return nil, badCredentials()
		}
		secret = password
	default:
		return nil, badCredentials()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.principals[strings.TrimSpace(secret)]
	if p == nil || !p.expires.IsZero() && !now.Before(p.expires) {
		return nil, badCredentials()
	}
	return p, nil
}

// Revoke makes a token unknown.
func (s *Server) Revoke(secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.principals, secret)
}

// AddToken lets a token in.
func (s *Server) AddToken(t Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.principals[t.Secret] = &principal{name: t.Name, secret: t.Secret, grants: t.Grants}
}

// RestrictToken gives the token of a name other grants.
func (s *Server) RestrictToken(name string, grants []Grant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for secret, p := range s.principals {
		if p.name == name {
			changed := *p
			changed.grants = grants
			s.principals[secret] = &changed
		}
	}
}

// verify checks the JWT of an app as GitHub does: RS256, the app's id as issuer, at most ten minutes ahead.
func (a *App) verify(header string, now time.Time) *apiError {
	refuse := func(why string) *apiError {
		return &apiError{status: http.StatusUnauthorized, message: why, doc: docs}
	}
	token, ok := strings.CutPrefix(header, "Bearer ")
	parts := strings.Split(token, ".")
	if !ok || len(parts) != 3 {
		return refuse("A JSON web token could not be decoded")
	}
	var head struct{ Alg string }
	var claims struct {
		Iss      any
		Iat, Exp float64
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || decodePart(parts[0], &head) != nil || decodePart(parts[1], &claims) != nil || head.Alg != "RS256" {
		return refuse("A JSON web token could not be decoded")
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if a.PublicKey == nil || rsa.VerifyPKCS1v15(a.PublicKey, crypto.SHA256, sum[:], signature) != nil {
		return refuse("A JSON web token could not be decoded")
	}
	seconds := float64(now.UnixMilli()) / 1000
	switch {
	case fmt.Sprint(claims.Iss) != fmt.Sprint(a.ID) && claims.Iss != float64(a.ID):
		return &apiError{status: http.StatusNotFound, message: "Integration not found", doc: docs}
	case claims.Exp <= seconds:
		return refuse("'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires")
	case claims.Exp > seconds+600+60:
		return refuse("'Expiration time' claim ('exp') is too far in the future")
	case claims.Iat > seconds+60:
		return refuse("'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued")
	}
	return nil
}

func decodePart(part string, into any) error {
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// installationToken answers the request for a token, which may ask for fewer permissions and repositories than there are.
func (s *Server) installationToken(w http.ResponseWriter, r *http.Request, id string, now time.Time) *apiError {
	doc := docs + "/apps/apps#create-an-installation-access-token-for-an-app"
	a := s.app
	if a == nil {
		return &apiError{status: http.StatusUnauthorized, message: "A JSON web token could not be decoded", doc: docs}
	}
	if err := a.verify(r.Header.Get("Authorization"), now); err != nil {
		return err
	}
	if id != fmt.Sprint(a.InstallationID) {
		return notFound(doc)
	}
	var want struct {
		Repositories []string
		Permissions  map[string]string
	}
	if r.ContentLength != 0 {
		if err := json.NewDecoder(r.Body).Decode(&want); err != nil {
			return &apiError{status: http.StatusBadRequest, message: "Problems parsing JSON", doc: doc}
		}
	}
	life := a.Life
	if life == 0 {
		life = time.Hour
	}
	grants, permissions := s.narrowed(a.Grants, want.Repositories, want.Permissions)
	s.mu.Lock()
	s.serial++
	p := &principal{
		name: fmt.Sprintf("installation %d", a.InstallationID), secret: fmt.Sprintf("ghs_fake%012d", s.serial), app: true,
		grants: grants, expires: now.Add(life),
	}
	s.principals[p.secret] = p
	s.mu.Unlock()
	selection := "all"
	if len(want.Repositories) > 0 {
		selection = "selected"
	}
	writeJSON(w, http.StatusCreated, mustJSON(object{
		"token": p.secret, "expires_at": instant(p.expires), "permissions": permissions, "repository_selection": selection,
	}))
	return nil
}

func (s *Server) narrowed(grants []Grant, repositories []string, wanted map[string]string) ([]Grant, map[string]string) {
	all := []string{"actions", "contents", "deployments", "pull_requests"}
	if len(grants) == 0 {
		grants = []Grant{{Permissions: all}}
	}
	out, shown := []Grant{}, map[string]string{"metadata": "read"}
	for _, g := range grants {
		n := Grant{Repositories: g.Repositories}
		if len(repositories) > 0 {
			n.Repositories = nil
			s.org.mu.RLock()
			for _, r := range s.org.Repositories {
				if g.covers(r) && slices.Contains(repositories, r.Name) {
					n.Repositories = append(n.Repositories, r.FullName())
				}
			}
			s.org.mu.RUnlock()
			if n.Repositories == nil {
				continue
			}
		}
		for _, p := range g.Permissions {
			if _, ok := wanted[p]; ok || len(wanted) == 0 {
				n.Permissions = append(n.Permissions, p)
				shown[p] = "read"
			}
		}
		out = append(out, n)
	}
	return out, shown
}
