package github

import (
	"maps"
	"net/http"
	"slices"
	"time"
)

// GraphErrors answers 200 with the data and these errors beside it: partial data, as GitHub sends it.
func GraphErrors(errs ...map[string]any) Fault {
	return Edit(func(answer any) any {
		if o, ok := answer.(object); ok {
			list := []any{}
			for _, e := range errs {
				list = append(list, e)
			}
			o["errors"] = list
		}
		return answer
	})
}

// ResourceLimits answers 200 with the first list of nodes cut after n, null from there on, and RESOURCE_LIMITS_EXCEEDED.
func ResourceLimits(n int) Fault {
	return Edit(func(answer any) any {
		o, ok := answer.(object)
		if !ok {
			return answer
		}
		where := cutNodes(o["data"], n, nil)
		o["errors"] = []any{object{"type": "RESOURCE_LIMITS_EXCEEDED", "path": where, "message": "Resource limits for this query exceeded."}}
		return o
	})
}

// cutNodes makes null what comes after the first n nodes of the first list that it finds.
func cutNodes(v any, n int, at []any) []any {
	o, ok := v.(object)
	if !ok {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(o)) {
		child := o[name]
		list, isList := child.([]any)
		if !isList {
			if where := cutNodes(child, n, append(at, name)); where != nil {
				return where
			}
			continue
		}
		for i := n; i < len(list); i++ {
			list[i] = nil
		}
		return append(at, name, n)
	}
	return nil
}

// SomethingWentWrong answers a status (200, 502) with GraphQL's error for a query that failed or took too long.
func SomethingWentWrong(status int) Fault {
	return answering(func(x *exchange) {
		writeJSON(x.w, status, mustJSON(object{"data": nil, "errors": []any{object{
			"message": "Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub bug. Please include `" + x.id + "` when reporting this issue.",
		}}}))
	})
}

// GraphRateLimited answers 200 with the error of a used up hour and remaining 0. kind is RATE_LIMITED or RATE_LIMIT.
func GraphRateLimited(kind string, wait time.Duration) Fault {
	return answering(func(x *exchange) {
		h := x.w.Header()
		h.Set("X-RateLimit-Remaining", "0")
		h.Set("X-RateLimit-Reset", itoa(int(x.now.Add(wait).Unix())))
		writeJSON(x.w, http.StatusOK, mustJSON(object{"errors": []any{object{"type": kind, "message": "API rate limit exceeded for user ID 1001."}}}))
	})
}
