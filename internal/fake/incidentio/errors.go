package incidentio

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// apiError is an answer in the API's ErrorResponse shape.
type apiError struct {
	status     int
	kind       string // the answer's type
	code       string
	message    string
	field      string
	retryAfter string // header; none if empty
	rateLimit  object
}

func invalid(field, code, message string) *apiError {
	return &apiError{status: http.StatusUnprocessableEntity, kind: "validation_error", code: code, message: message, field: field}
}

func notFound(what string) *apiError {
	return &apiError{status: http.StatusNotFound, kind: "not_found", code: "resource_not_found", message: what + " was not found"}
}

func unauthorised(code, message string) *apiError {
	return &apiError{status: http.StatusUnauthorized, kind: "authentication_error", code: code, message: message}
}

func forbidden(scope string) *apiError {
	return &apiError{
		status: http.StatusForbidden, kind: "resource_forbidden", code: "missing_scope",
		message: fmt.Sprintf("This API key lacks the scope %s.", scope),
	}
}

func methodNotAllowed(method, path string) *apiError {
	return &apiError{
		status: http.StatusMethodNotAllowed, kind: "method_not_allowed", code: "method_not_allowed",
		message: method + " is not allowed on " + path,
	}
}

// tooMany is a 429. The instant in the body is RFC 3339, or in the older form of the API's pages.
func tooMany(key string, limit int, at time.Time, older bool, header string) *apiError {
	text := at.UTC().Format(time.RFC3339)
	if older {
		text = strings.Replace(at.UTC().Format(http.TimeFormat), "GMT", "UTC", 1)
	}
	return &apiError{
		status: http.StatusTooManyRequests, kind: "too_many_requests", code: "too_many_requests", message: "Slow down.",
		retryAfter: header, rateLimit: object{"name": key, "limit": limit, "remaining": 0, "retry_after": text},
	}
}

func serverError(status int) *apiError {
	return &apiError{status: status, kind: "api_error", code: "api_error", message: http.StatusText(status)}
}

func (e *apiError) body(requestID string) object {
	single := object{"code": e.code, "message": e.message}
	if e.field != "" {
		single["source"] = object{"field": e.field}
	}
	o := object{"type": e.kind, "status": e.status, "request_id": requestID, "errors": []any{single}}
	if e.rateLimit != nil {
		o["rate_limit"] = e.rateLimit
	}
	return o
}
