package github

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"fourfold/extract"
)

func TestAnAnswerWithErrorsIsUsedOnlyWhereWhatIsMissingIsNamed(t *testing.T) {
	const data = `"data":{"nodes":[null]}`
	for name, c := range map[string]struct {
		body      string
		missing   []string
		slow, bad bool
		invalid   bool
		says      string
	}{
		"good":                  {body: `{` + data + `}`},
		"no errors":             {body: `{` + data + `,"errors":[]}`},
		"gone":                  {body: `{` + data + `,"errors":[{"type":"NOT_FOUND","path":["nodes",0],"message":"Could not resolve to a node"}]}`, missing: []string{"nodes.0"}},
		"not permitted":         {body: `{` + data + `,"errors":[{"type":"FORBIDDEN","path":["r3","deployments"],"message":"Resource not accessible"}]}`, missing: []string{"r3.deployments"}},
		"gone, but nowhere":     {body: `{` + data + `,"errors":[{"type":"NOT_FOUND","message":"?"}]}`, bad: true, says: "? (NOT_FOUND)"},
		"gone, and more":        {body: `{` + data + `,"errors":[{"type":"NOT_FOUND","path":["nodes",0],"message":"x"},{"message":"timedout"}]}`, bad: true, says: "timedout"},
		"too much":              {body: `{` + data + `,"errors":[{"type":"RESOURCE_LIMITS_EXCEEDED","message":"Resource limits","path":["a","b",3]}]}`, bad: true, says: "Resource limits (RESOURCE_LIMITS_EXCEEDED) at a.b.3"},
		"without data":          {body: `{"data":null,"errors":[{"message":"Something went wrong"}]}`, bad: true, says: "Something went wrong"},
		"nothing":               {body: `{}`, bad: true},
		"no data":               {body: `{"data":null}`, bad: true},
		"a list":                {body: `[]`, bad: true},
		"not JSON":              {body: `<html>`, bad: true},
		"limited":               {body: `{"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded"}]}`, slow: true},
		"limited, older":        {body: `{"errors":[{"type":"RATE_LIMIT","message":"API rate limit exceeded"}]}`, slow: true},
		"limited, in words":     {body: `{"errors":[{"message":"You have exceeded a secondary rate limit."}]}`, slow: true},
		"a field it lacks":      {body: `{"errors":[{"message":"Field 'reviews' doesn't exist on type 'PullRequest'","extensions":{"code":"undefinedField","fieldName":"reviews"}}]}`, bad: true, invalid: true},
		"a field, other server": {body: `{"errors":[{"message":"Cannot query field \"reviews\" on type \"PullRequest\"."}]}`, bad: true, invalid: true},
		"a cursor":              {body: `{"errors":[{"type":"INVALID_CURSOR_ARGUMENTS","message":"` + "`x` does not appear to be a valid cursor." + `"}]}`, bad: true, invalid: true},
		"many errors":           {body: `{"errors":[` + strings.Repeat(`{"message":"a"},`, 9) + `{"message":"b"}]}`, bad: true, says: "a; a; a; and 7 more errors"},
	} {
		t.Run(name, func(t *testing.T) {
			gone, err := checkAnswer([]byte(c.body))
			var paths []string
			for _, m := range gone {
				paths = append(paths, m.path)
			}
			var e *queryError
			invalid := errors.As(err, &e) && e.invalid
			if !slices.Equal(paths, c.missing) || errors.Is(err, extract.ErrSlowDown) != c.slow || (err != nil) != (c.bad || c.slow) || invalid != c.invalid || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("missing %v, error %v (invalid %v)", paths, err, invalid)
			}
			if strings.Contains(name, "field") && e.field != "reviews" {
				t.Errorf("the field is %q", e.field)
			}
		})
	}
}

func TestAFieldThatAServerLacksIsKnownByAnyStatus(t *testing.T) {
	for _, status := range []int{http.StatusOK, http.StatusBadRequest} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, `{"errors":[{"message":"Cannot query field 'reviews' on type 'PullRequest'."}]}`)
		}))
		s, err := New(Options{GraphQLURL: server.URL, Token: func() (string, error) { return "t", nil }, NoLimits: true})
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.api.ask(t.Context(), question{stream: "pull_requests", fields: "x", smallest: true}, &struct{}{})
		var e *queryError
		if !errors.As(err, &e) || !e.invalid || e.field != "reviews" || tooMuch(err) {
			t.Errorf("status %d: %v", status, err)
		}
		s.Close()
		server.Close()
	}
}

func TestASizeIsHalvedDownToOneAndGrowsBackInTenSteps(t *testing.T) {
	z := size{100, 100}
	var got []int
	for range 8 {
		z.shrink()
		got = append(got, z.now)
	}
	if !slices.Equal(got, []int{50, 25, 12, 6, 3, 1, 1, 1}) {
		t.Errorf("halved: %v", got)
	}
	steps := 0
	for ; z.now < 100; steps++ {
		z.grow()
	}
	if steps != 10 || z.now != 100 {
		t.Errorf("%d steps back to %d", steps, z.now)
	}
}

func TestWhatIsToBeAskedForAgainFitsIntoAPointARepository(t *testing.T) {
	for n := 1; n <= 200; n++ {
		probes := (n + probeRepositories - 1) / probeRepositories
		room := refreshRoom(n) - (probes*pointNodes - 2*n)
		if room < 0 || room > (n-probes)*pointNodes || probes+(room+pointNodes-1)/pointNodes > n {
			t.Errorf("%d repositories: %d probes and room for %d more nodes", n, probes, room)
		}
	}
}

func TestEveryCandidateHasItsTurn(t *testing.T) {
	for _, n := range []int{11, 50, 500} {
		var all []candidate
		for i := range n {
			all = append(all, candidate{id: fmt.Sprint(i), created: time.Unix(int64(i%97), 0), first: i%3 > 0})
		}
		met, turn := map[string]bool{}, ""
		for range n/5 + 1 {
			var chosen []candidate
			chosen, turn = inTurn(slices.Clone(all), 10, turn)
			once := map[string]bool{}
			for _, c := range chosen {
				met[c.id], once[c.id] = true, true
			}
			if len(once) != 10 {
				t.Fatalf("%d of %d are chosen, want 10", len(once), n)
			}
		}
		if len(met) != n {
			t.Errorf("%d of %d had their turn", len(met), n)
		}
	}
}
