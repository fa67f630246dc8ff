package github

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"
)

func TestEveryFieldOfTheSchemaIsServed(t *testing.T) {
	for name, d := range fullSchema().Types {
		if d.Kind != ast.Object || strings.HasPrefix(name, "__") {
			continue
		}
		for _, f := range d.Fields {
			if resolvers[name+"."+f.Name] == nil && !strings.HasPrefix(f.Name, "__") && !strings.HasSuffix(name, "Mutation") {
				t.Errorf("%s.%s has no resolver", name, f.Name)
			}
		}
	}
}

// everything writes a selection of all fields of a type, connections with their first ten, to a depth.
func everything(schema *ast.Schema, typeName string, depth int, into map[string]bool) string {
	d := schema.Types[typeName]
	var b strings.Builder
	b.WriteString("{ __typename")
	for _, f := range d.Fields {
		kind := schema.Types[f.Type.Name()]
		if strings.HasPrefix(f.Name, "__") || !kind.IsLeafType() && depth == 0 {
			continue
		}
		args := map[string]string{"refPrefix": `"refs/"`, "headRef": `"main"`, "qualifiedName": `"main"`, "tagName": `"v1.1.0"`, "number": "1", "expression": `"main"`}
		given := []string{}
		for _, a := range f.Arguments {
			if v, ok := args[a.Name]; ok {
				given = append(given, a.Name+": "+v)
			}
			if a.Name == "first" {
				given = append(given, "first: 5")
			}
		}
		into[typeName+"."+f.Name] = true
		// Types of one list may give one name with different nullability: an alias for each keeps them apart.
		fmt.Fprintf(&b, " %s_%s: %s", typeName, f.Name, f.Name)
		if len(given) > 0 {
			b.WriteString("(" + strings.Join(given, ", ") + ")")
		}
		if !kind.IsLeafType() {
			below := depth - 1
			if strings.HasSuffix(kind.Name, "Connection") || kind.Name == "PageInfo" || kind.Name == "GitActor" {
				below = depth
			}
			b.WriteString(" " + everything(schema, kind.Name, below, into))
		}
	}
	if d.IsAbstractType() {
		for _, p := range schema.GetPossibleTypes(d) {
			if p.Name != "Tree" || depth > 0 {
				fmt.Fprintf(&b, " ... on %s %s", p.Name, everything(schema, p.Name, depth, into))
			}
		}
	}
	b.WriteString(" }")
	return b.String()
}

func TestAQueryOverEveryFieldIsAnsweredWithoutAnError(t *testing.T) {
	schema := fullSchema()
	c := newClient(t, NewServer(Small(), WithoutLimits()))
	seen := map[string]bool{}
	r := c.s.org.Repository("acme/api")
	main := r.Head("main")
	ids := map[string]string{
		"Repository": r.nodeID(), "Deployment": r.Deployments[2].nodeID(), "DeploymentStatus": r.Deployments[2].Statuses[0].nodeID(),
		"PullRequest": r.Pull(2).nodeID(), "Commit": commitNodeID(r, main), "Ref": refNodeID(r, "refs/tags/v1.1.0"), "Release": r.Releases[0].nodeID(),
		"Issue": r.Issues[0].nodeID(), "Label": r.Labels[0].nodeID(), "User": c.s.org.Accounts[1].nodeID(), "Organization": c.s.org.Account.nodeID(),
		"Environment": r.Environments[0].nodeID(), "PullRequestReview": r.Pull(2).Reviews[0].nodeID(), "Tree": nodeID("T", r.ID, emptyTree),
		"Tag": nodeID("TA", r.ID, r.refs["refs/tags/v1.1.0"]), "Bot": r.Deployments[0].Creator.nodeID(),
		"PullRequestCommit":     nodeID("PURC", r.ID, r.Pull(2).ID, r.Pull(2).Commits[0]),
		"Comparison":            nodeID("CMP", r.ID, r.Pull(1).BaseOID+"..."+main),
		"Mannequin":             c.s.org.AddAccount(Account{Login: "old-ann", Type: "Mannequin"}).nodeID(),
		"EnterpriseUserAccount": c.s.org.AddAccount(Account{Login: "ann_acme", Type: "EnterpriseUserAccount"}).nodeID(),
	}
	r.store.addTree(&tree{})
	for _, d := range schema.GetPossibleTypes(schema.Types["Node"]) {
		if ids[d.Name] == "" {
			t.Errorf("nothing to ask for as %s", d.Name)
			continue
		}
		text := fmt.Sprintf("query($id: ID!) { node(id: $id) { ... on %s %s } }", d.Name, everything(schema, d.Name, 1, seen))
		data := c.good(text, object{"id": ids[d.Name]})
		if got := dig(data, "node", "__typename"); got != d.Name {
			t.Errorf("the node of a %s is a %v", d.Name, got)
		}
	}
	for _, kind := range []string{"ISSUE", "REPOSITORY", "USER"} {
		c.good(`{ search(first: 100, query: "", type: `+kind+`) `+everything(schema, "SearchResultItemConnection", 1, seen)+` }`, nil)
	}
	c.good(`{ nodes(ids: []) { id } repository(owner: "acme", name: "api") { id } rateLimit `+everything(schema, "RateLimit", 0, seen)+` }`, nil)
	for name, d := range schema.Types {
		for _, f := range d.Fields {
			if d.Kind == ast.Object && name != "Query" && !strings.HasPrefix(name, "__") && !strings.HasPrefix(f.Name, "__") && !seen[name+"."+f.Name] {
				t.Errorf("%s.%s was not asked for", name, f.Name)
			}
		}
	}
}

func TestCostsAreThoseOfTheDocumentedFormula(t *testing.T) {
	s := NewServer(Small())
	c := newClient(t, s)
	ids := []string{}
	for range 100 {
		ids = append(ids, s.org.Repositories[0].Deployments[0].nodeID())
	}
	objects := strings.Builder{}
	for n := range 100 {
		fmt.Fprintf(&objects, `o%d: object(oid: "%s") { ... on Commit { associatedPullRequests(first: 3) { nodes { number } } } } `, n, s.org.Repositories[0].Head("main"))
	}
	in := func(fields string) string {
		return `query($ids: [ID!] = []) { repository(owner: "acme", name: "api") { ` + fields + ` } nodes(ids: $ids) { id } rateLimit { cost nodeCount } }`
	}
	for name, x := range map[string]struct {
		query string
		cost  int // for a page of a hundred
		nodes int
	}{
		"nothing":                 {in(`id`), 1, 0},
		"deployments, statuses":   {in(`deployments(first: 100) { nodes { statuses(first: 20) { nodes { id } } commit { oid } } }`), 1, 2100},
		"and pull requests":       {in(`deployments(first: 100) { nodes { statuses(first: 20) { nodes { id } } commit { associatedPullRequests(first: 3) { nodes { id } } } } }`), 2, 2400},
		"the same by fifty":       {in(`deployments(first: 50) { nodes { statuses(first: 20) { nodes { id } } commit { associatedPullRequests(first: 3) { nodes { id } } } } }`), 1, 1200},
		"latestStatus":            {in(`deployments(first: 100) { nodes { latestStatus { state } } }`), 1, 100},
		"pull requests":           {in(`pullRequests(first: 100) { nodes { mergeCommit { oid } } }`), 1, 100},
		"with the first commit":   {in(`pullRequests(first: 100) { nodes { commits(first: 1) { nodes { id } } } }`), 1, 200},
		"a hundred objects":       {in(objects.String()), 1, 300},
		"nodes":                   {`query($ids: [ID!]!) { nodes(ids: $ids) { ... on Deployment { statuses(first: 20) { nodes { id } } } } rateLimit { cost nodeCount } }`, 1, 2000},
		"the same twice is once":  {in(`deployments(first: 100) { totalCount } ... { deployments(first: 100) { nodes { id } } }`), 1, 100},
		"what is skipped is free": {in(`deployments(first: 100) @skip(if: true) { nodes { statuses(first: 100) { totalCount } } }`), 1, 0},
		"aliases cost each":       {in(`a: deployments(first: 100) { nodes { statuses(first: 9) { totalCount } } } b: deployments(last: 100) { nodes { statuses(first: 9) { totalCount } } }`), 2, 2000},
	} {
		variables := object{}
		if name == "nodes" {
			variables["ids"] = ids
		}
		before := s.Points()["graphql"]
		data := c.good(x.query, variables)
		got := []any{dig(data, "rateLimit", "cost"), dig(data, "rateLimit", "nodeCount"), s.Points()["graphql"] - before}
		if diff := cmp.Diff([]any{float64(x.cost), float64(x.nodes), x.cost}, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if a := c.query(in(`pullRequests(first: 100) { nodes { commits(first: 100) { nodes { commit { parents(first: 100) { totalCount } } } } } }`), nil); len(a.Errors) != 1 || a.Errors[0].Type != "MAX_NODE_LIMIT_EXCEEDED" || a.Data != nil {
		t.Errorf("too many nodes: %+v", a)
	}
}

func TestInvalidQueriesGetGitHubsErrors(t *testing.T) {
	c := newClient(t, NewServer(Small()))
	repo := func(fields string) string {
		return `{ repository(owner: "acme", name: "api") { ` + fields + ` } }`
	}
	for query, want := range map[string]graphError{
		repo(`nothing`): {
			Message: "Field 'nothing' doesn't exist on type 'Repository'", Path: []any{"query", "repository", "nothing"},
			Extensions: object{"code": "undefinedField", "typeName": "Repository", "fieldName": "nothing"}, Locations: []location{{1, 44}},
		},
		repo(`deployments(first: 1, since: 3) { totalCount }`): {
			Message: "Field 'deployments' doesn't accept argument 'since'", Path: []any{"query", "repository", "deployments", "since"},
			Extensions: object{"code": "argumentNotAccepted", "name": "deployments", "typeName": "Field", "argumentName": "since"}, Locations: []location{{1, 66}},
		},
		`{ repository(name: "api") { id } }`: {
			Message: "Field 'repository' is missing required arguments: owner", Path: []any{"query", "repository"},
			Extensions: object{"code": "missingRequiredArguments", "className": "Field", "name": "repository", "arguments": "owner"}, Locations: []location{{1, 3}},
		},
		repo(`owner`): {
			Message: "Field must have selections (field 'owner' returns RepositoryOwner but has no selections. Did you mean 'owner { ... }'?)", Path: []any{"query", "repository", "owner"},
			Extensions: object{"code": "selectionMismatch", "nodeName": "field 'owner'", "typeName": "RepositoryOwner"}, Locations: []location{{1, 44}},
		},
		`query Q($x: Int) { repository(owner: "acme", name: "api") { id } }`: {
			Message: "Variable $x is declared by Q but not used", Extensions: object{"code": "variableNotUsed", "variableName": "x"}, Locations: []location{{1, 9}},
		},
		`query Q { repository(owner: $o, name: "api") { id } }`: {
			Message: "Variable $o is used by Q but not declared", Path: []any{"query Q", "repository"},
			Extensions: object{"code": "variableNotDefined", "variableName": "o"}, Locations: []location{{1, 29}},
		},
	} {
		a := c.query(query, nil)
		if a.Data != nil || len(a.Errors) != 1 {
			t.Errorf("%s: %+v", query, a)
			continue
		}
		if diff := cmp.Diff(want, a.Errors[0]); diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
	}
	for _, query := range []string{`{ repository(`, ``, `query A { rateLimit { cost } } query B { rateLimit { cost } }`} {
		if a := c.query(query, nil); a.Data != nil || len(a.Errors) != 1 {
			t.Errorf("%q: %+v", query, a)
		}
	}
	if a := c.query(`query($n: Int!) { repository(owner: "acme", name: "api") { pullRequest(number: $n) { id } } }`, object{"n": "seven"}); len(a.Errors) != 1 || a.Errors[0].Message != "Variable $n of type Int! was provided invalid value" {
		t.Errorf("a value that does not fit: %+v", a)
	}
}

func TestWhatCannotBeAnsweredIsNullWithAnError(t *testing.T) {
	s := NewServer(Small(), WithTokens(Token{Name: "all", Secret: DefaultToken}, Token{Name: "few", Secret: "few", Grants: []Grant{{Repositories: []string{"acme/api"}, Permissions: []string{"contents"}}}}))
	c := newClient(t, s)
	gone := nodeID("DE", s.org.Repositories[0].ID, int64(999999))
	for _, x := range []struct {
		token, query string
		kind         string
		path         []any
		message      string
		data         any
	}{
		{"", `{ repository(owner: "acme", name: "nothing") { id } }`, "NOT_FOUND", []any{"repository"}, "Could not resolve to a Repository with the name 'acme/nothing'.", object{"repository": nil}},
		{"few", `{ repository(owner: "acme", name: "old") { id } }`, "NOT_FOUND", []any{"repository"}, "Could not resolve to a Repository with the name 'acme/old'.", object{"repository": nil}},
		{"", `{ nodes(ids: ["` + gone + `", "x"]) { id } }`, "NOT_FOUND", []any{"nodes", 0.0}, "Could not resolve to a node with the global id of '" + gone + "'.", object{"nodes": []any{nil, nil}}},
		{"", `{ a: repository(owner: "acme", name: "api") { deployments { totalCount } } }`, "MISSING_PAGINATION_BOUNDARIES", []any{"a", "deployments"}, "You must provide a `first` or `last` value to properly paginate the `deployments` connection.", object{"a": nil}},
		{"", `{ repository(owner: "acme", name: "api") { pullRequests(last: 101) { totalCount } } }`, "EXCESSIVE_PAGINATION", []any{"repository", "pullRequests"}, "Requesting 101 records on the `pullRequests` connection exceeds the `last` limit of 100 records.", object{"repository": nil}},
		{"few", `{ repository(owner: "acme", name: "api") { name pullRequest(number: 1) { id } } }`, "FORBIDDEN", []any{"repository", "pullRequest"}, "Resource not accessible by personal access token", object{"repository": object{"name": "api", "pullRequest": nil}}},
	} {
		c.token = DefaultToken
		if x.token != "" {
			c.token = x.token
		}
		a := c.query(x.query, nil)
		if len(a.Errors) == 0 || a.Errors[0].Type != x.kind || a.Errors[0].Message != x.message || len(a.Errors[0].Locations) != 1 {
			t.Errorf("%s: %+v", x.query, a.Errors)
			continue
		}
		if diff := cmp.Diff(x.path, a.Errors[0].Path) + cmp.Diff(x.data, any(a.Data)); diff != "" {
			t.Errorf("%s: %s", x.query, diff)
		}
	}
}

func TestPagesHoldEveryNodeOnceWhateverComesBetween(t *testing.T) {
	s := NewServer(Small())
	c := newClient(t, s)
	r := s.org.Repository("acme/api")
	var want []string
	for _, d := range r.Deployments {
		want = append(want, d.nodeID())
	}
	for _, direction := range []string{"ASC", "DESC"} {
		var got []string
		var after any
		for {
			data := c.good(`query($after: String) { repository(owner: "acme", name: "api") { deployments(first: 3, after: $after, orderBy: {field: CREATED_AT, direction: `+direction+`}) { totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage endCursor } } } }`, object{"after": after})
			page := dig(data, "repository", "deployments")
			for _, n := range dig(page, "nodes").([]any) {
				got = append(got, dig(n, "id").(string))
			}
			if dig(page, "totalCount") != float64(len(r.Deployments)) || dig(page, "pageInfo", "hasPreviousPage") != (after != nil) {
				t.Fatalf("%v", page)
			}
			if direction == "DESC" { // what comes while it is read is before the cursor
				s.org.Edit(func(*Organisation) {
					r.AddDeployment(DeploymentSpec{Ref: "main", CreatedAt: laterThanSmall})
				})
			}
			if dig(page, "pageInfo", "hasNextPage") == false {
				break
			}
			after = dig(page, "pageInfo", "endCursor")
		}
		if direction == "DESC" {
			slices.Reverse(got)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", direction, diff)
		}
	}
}

func TestAnOlderServerLacksReviews(t *testing.T) {
	query := `{ repository(owner: "acme", name: "api") { pullRequest(number: 2) { reviews(first: 10, states: [APPROVED]) { nodes { state submittedAt author { login } } } } } }`
	c := newClient(t, NewServer(Small()))
	if got := dig(c.good(query, nil), "repository", "pullRequest", "reviews", "nodes", 0, "author", "login"); got != "ann" {
		t.Errorf("the reviewer is %v", got)
	}
	c = newClient(t, NewServer(Small(), WithSubsetOnly()))
	a := c.query(query, nil)
	if len(a.Errors) != 1 || a.Errors[0].Extensions["code"] != "undefinedField" || a.Errors[0].Extensions["fieldName"] != "reviews" {
		t.Errorf("%+v", a)
	}
}

func TestFragmentsAliasesAndDirectivesMeanWhatTheySay(t *testing.T) {
	c := newClient(t, NewServer(Small()))
	data := c.good(`
		query($no: Boolean!, $yes: Boolean = true) {
			mine: repository(owner: "ACME", name: "API") { ...R ... on Node { id } ... @include(if: $no) { isFork } name @skip(if: $yes) }
		}
		fragment R on Repository { full: nameWithOwner owner { __typename login ... on Organization { name } ... on Node { id } } }`, object{"no": false})
	want := object{"mine": object{
		"full": "acme/api", "owner": object{"__typename": "Organization", "login": "acme", "name": "Acme", "id": c.s.org.Account.nodeID()},
		"id": c.s.org.Repositories[0].nodeID(),
	}}
	if diff := cmp.Diff(want, data); diff != "" {
		t.Error(diff)
	}
}

func TestStatusesComeInNoOrder(t *testing.T) {
	c := newClient(t, NewServer(Small()))
	data := c.good(`{ repository(owner: "acme", name: "api") { deployments(first: 100) { nodes { statuses(first: 100) { totalCount nodes { createdAt state } } } } } }`, nil)
	inOrder := true
	for i, d := range dig(data, "repository", "deployments", "nodes").([]any) {
		want := c.s.org.Repositories[0].Deployments[i].Statuses
		states, before := map[any]int{}, ""
		for _, s := range dig(d, "statuses", "nodes").([]any) {
			at := dig(s, "createdAt").(string)
			inOrder, before = inOrder && before <= at, at
			states[dig(s, "state")]++
		}
		for _, s := range want {
			states[strings.ToUpper(s.State)]--
		}
		for state, n := range states {
			if n != 0 {
				t.Errorf("deployment %d has %v by %d", i, state, n)
			}
		}
	}
	if inOrder {
		t.Error("all statuses came oldest first, as a client must not count on")
	}
}

func TestSearchUnderstandsItsQualifiers(t *testing.T) {
	c := newClient(t, NewServer(Small()))
	for query, want := range map[string]int{"repo:acme/api is:pr is:merged": 5, "repo:acme/api is:pr is:open": 1, "org:acme is:issue": 1, "repo:acme/api is:pr cache": 1, "user:nobody": 0} {
		got := dig(c.good(`query($q: String!) { search(first: 10, query: $q, type: ISSUE) { issueCount nodes { ... on PullRequest { number } } } }`, object{"q": query}), "search", "issueCount")
		if got != float64(want) {
			t.Errorf("%s: %v, want %d", query, got, want)
		}
	}
}
