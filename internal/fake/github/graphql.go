package github

import (
	_ "embed"
	"encoding/json"
	"net/http"
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

//go:embed graphql_subset.graphql
var subsetText string

//go:embed graphql_additions.graphql
var additionsText string

var (
	fullSchema = sync.OnceValue(func() *ast.Schema {
		return gqlparser.MustLoadSchema(&ast.Source{Name: "subset", Input: subsetText}, &ast.Source{Name: "additions", Input: additionsText})
	})
	subsetSchema = sync.OnceValue(func() *ast.Schema {
		return gqlparser.MustLoadSchema(&ast.Source{Name: "subset", Input: subsetText})
	})
)

func (s *Server) schema() *ast.Schema {
	if s.subsetOnly {
		return subsetSchema()
	}
	return fullSchema()
}

// graphCall is one GraphQL request.
type graphCall struct {
	*exchange
	schema    *ast.Schema
	document  *ast.QueryDocument
	operation *ast.OperationDefinition
	variables map[string]any
	cost      cost
	errors    []*graphError
	rate      map[string]any // what rateLimit answers; nil without limits
	dry       bool           // rateLimit(dryRun: true): nothing else is answered and nothing spent
}

// graphql answers a request to the GraphQL API.
func (x *exchange) graphql(authErr *apiError) {
	x.note.Endpoint = x.r.Method + " /graphql"
	c, errs, err := x.parseGraph(authErr)
	if err == nil {
		err = x.server.secondary(x.who, "graphql", x.now)
	}
	x.record()
	if err != nil {
		if x.who != nil {
			x.server.limitHeaders(x.w.Header(), x.who, "graphql", x.now)
		}
		x.fail(err)
		return
	}
	send := func(f *Fault, body []byte) { x.finish(f, http.StatusOK, body) }
	spent := x.server.spend(x.who, "graphql", c.cost.points(), x.now)
	switch {
	case c.dry && spent:
		x.server.giveBack(x.who, "graphql", c.cost.points(), x.now)
	case spent:
		x.noted(func(n *Request) { n.Cost = c.cost.points() })
	}
	x.server.limitHeaders(x.w.Header(), x.who, "graphql", x.now)
	if !spent {
		x.w.Header().Set("X-RateLimit-Remaining", "0")
		send(nil, mustJSON(object{"errors": []any{object{"type": "RATE_LIMITED", "message": "API rate limit exceeded for " + x.whoText() + "."}}}))
		return
	}
	fault, answered := x.meetFault(c.shape())
	if answered {
		return
	}
	if errs != nil {
		send(fault, mustJSON(object{"errors": errs}))
		return
	}
	c.rate = c.rateLimit()
	x.server.org.mu.RLock()
	body := c.execute()
	x.server.org.mu.RUnlock()
	send(fault, body)
}

// parseGraph reads the request; errs is what is wrong with the query itself.
func (x *exchange) parseGraph(authErr *apiError) (*graphCall, []*graphError, *apiError) {
	const doc = "https://docs.github.com/graphql"
	c := &graphCall{exchange: x, schema: x.server.schema()}
	switch {
	case authErr != nil:
		return nil, nil, &apiError{status: authErr.status, message: authErr.message, doc: doc}
	case x.who == nil:
		return nil, nil, &apiError{status: http.StatusUnauthorized, message: "This endpoint requires you to be authenticated.", doc: doc + "/guides/forming-calls-with-graphql#authenticating-with-graphql"}
	case x.r.UserAgent() == "":
		return nil, nil, &apiError{status: http.StatusForbidden, message: "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.", doc: docs}
	case x.r.Method != http.MethodPost:
		return nil, nil, notFound(doc)
	}
	var request struct {
		Query         *string
		Variables     map[string]any
		OperationName string
	}
	decoder := json.NewDecoder(x.r.Body)
	decoder.UseNumber()
	if err := decoder.Decode(&request); err != nil {
		return nil, nil, &apiError{status: http.StatusBadRequest, message: "Problems parsing JSON", doc: doc}
	}
	if request.Query == nil {
		return c, []*graphError{{Message: "A query attribute must be specified and must be a string."}}, nil
	}
	x.note.GraphQL, x.note.Variables = *request.Query, request.Variables
	document, err := parser.ParseQuery(&ast.Source{Input: *request.Query})
	if err != nil {
		return c, []*graphError{parseError(err)}, nil
	}
	if c.operation = document.Operations.ForName(request.OperationName); c.operation == nil && request.OperationName == "" && len(document.Operations) == 1 {
		c.operation = document.Operations[0]
	}
	if c.operation != nil {
		x.note.Operation = c.operation.Name
	}
	c.document = document
	// gqlparser notes on the document which definitions its parts have.
	if list := validator.ValidateWithRules(c.schema, document, rules.NewDefaultRules()); len(list) > 0 {
		return c, validationErrors(c, list), nil
	}
	if c.operation == nil {
		return c, []*graphError{{Message: "An operation name is required"}}, nil
	}
	values, err := validator.VariableValues(c.schema, c.operation, request.Variables)
	if err != nil {
		return c, []*graphError{variableError(c.operation, request.Variables, err)}, nil
	}
	c.variables = values
	c.cost = c.count()
	if c.cost.nodes > nodeLimit {
		return c, []*graphError{{
			Type:    "MAX_NODE_LIMIT_EXCEEDED",
			Message: "This query requests up to " + grouped(c.cost.nodes) + " possible nodes which exceeds the maximum limit of 500,000.",
		}}, nil
	}
	return c, nil, nil
}

// shape is what faults look at.
func (c *graphCall) shape() graphShape {
	s := graphShape{first: c.cost.first, nodes: c.cost.nodes}
	add := func(owner, name any) {
		if owner != nil && name != nil {
			s.repositories = append(s.repositories, strings.ToLower(owner.(string)+"/"+name.(string)))
		}
	}
	if c.operation == nil || c.variables == nil {
		return s
	}
	x := c.exchange
	x.server.org.mu.RLock()
	defer x.server.org.mu.RUnlock()
	for _, f := range c.collect("Query", []ast.SelectionSet{c.operation.SelectionSet}) {
		args := f.nodes[0].ArgumentMap(c.variables)
		switch f.nodes[0].Name {
		case "repository":
			add(args["owner"], args["name"])
		case "node", "nodes":
			ids := listOf(args["ids"])
			if id, ok := args["id"].(string); ok {
				ids = []any{id}
			}
			for _, id := range ids {
				if _, numbers, _, ok := parseNodeID(id.(string)); ok && len(numbers) > 0 {
					if r := x.server.org.RepositoryByID(numbers[0]); r != nil {
						s.repositories = append(s.repositories, r.FullName())
					}
				}
			}
		}
	}
	return s
}

// rateLimit is the object of that name after the query is paid.
func (c *graphCall) rateLimit() map[string]any {
	if c.server.unlimited() {
		return nil
	}
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	b := c.server.bucket(c.who, "graphql", c.now)
	return object{
		"cost": c.cost.points(), "limit": b.limit, "nodeCount": c.cost.nodes, "remaining": b.remaining(), "resetAt": instant(b.reset), "used": b.used,
	}
}
