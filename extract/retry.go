package extract

import (
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Defaults of a client's patience.
const (
	defaultAttempts = 6
	defaultTimeout  = time.Minute
	defaultMaxWait  = 10 * time.Minute
	defaultMaxBody  = 64 << 20
	firstBackoff    = 500 * time.Millisecond
	longestBackoff  = 30 * time.Second
	// A server that says how long to wait is well: it may say so more often than it may fail.
	limitedPerAttempt = 5
)

// backoff is the wait before attempt n+1 of a request that failed n times: doubling, and random in its upper half, so
// that clients that failed together do not come back together.
func backoff(failures int) time.Duration {
	d := longestBackoff
	if shift := failures - 1; shift < 6 {
		d = min(d, firstBackoff<<shift)
	}
	return d/2 + rand.N(d/2+1)
}

// transient reports whether a status may be another one if asked again.
func transient(status int) bool {
	return status == http.StatusRequestTimeout || status == http.StatusTooManyRequests || status >= 500
}

// retryAfter is the wait that an answer asks for; zero if it does not say. Retry-After is in seconds or a date; at is
// what the body says; X-RateLimit-Reset is when the whole budget is back, so the last choice. Instants are compared with
// the server's own Date, so that a clock that is wrong on either side does no harm; a Date that is itself far off, as a
// cache might give, is not believed.
func retryAfter(h http.Header, at time.Time, now time.Time) time.Duration {
	until := func(t time.Time) time.Duration {
		if date, err := http.ParseTime(h.Get("Date")); err == nil && t.Sub(date).Abs() < time.Hour {
			return max(0, t.Sub(date))
		}
		return max(0, t.Sub(now))
	}
	if v := strings.TrimSpace(h.Get("Retry-After")); v != "" {
		if seconds, err := strconv.ParseFloat(v, 64); err == nil && seconds >= 0 && seconds < 1e8 {
			return time.Duration(seconds * float64(time.Second))
		}
		if date, err := http.ParseTime(v); err == nil {
			return until(date)
		}
	}
	if !at.IsZero() {
		return until(at)
	}
	if unix, err := strconv.ParseInt(strings.TrimSpace(h.Get("X-RateLimit-Reset")), 10, 64); err == nil && unix > 0 {
		return until(time.Unix(unix, 0))
	}
	return 0
}

// RetryAfter is the wait that the headers of an answer ask for, zero if they do not say: Retry-After and, if reset is
// true, X-RateLimit-Reset.
func RetryAfter(h http.Header, now time.Time, reset bool) time.Duration {
	if !reset {
		h = http.Header{"Retry-After": h["Retry-After"], "Date": h["Date"]}
	}
	return retryAfter(h, time.Time{}, now)
}

// crossHostError refuses a redirect: the credentials were given for one host.
type crossHostError struct{ from, to string }

func (e *crossHostError) Error() string {
	return "redirected from " + e.from + " to " + e.to + ", refused because the credentials are for the former only; set the base URL to the host that answers"
}

// permanent reports whether a request that got no answer would get none again, and what to do about it.
func permanent(err error) (hint string, yes bool) {
	var cross *crossHostError
	var cert *tls.CertificateVerificationError
	switch {
	case errors.As(err, &cross), errors.Is(err, errTooManyRedirects):
		return "", true
	case errors.As(err, &cert):
		return "the server's certificate is not trusted here: install the authority that signed it, or name it in SSL_CERT_FILE", true
	case errors.Is(err, http.ErrSchemeMismatch):
		return "the server speaks http, not https: check the base URL", true
	}
	return "", false
}

var errTooManyRedirects = errors.New("redirected too often")

// unreachable reports whether no connection was made.
func unreachable(err error) bool {
	var dns *net.DNSError
	var op *net.OpError
	return errors.As(err, &dns) || (errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect"))
}
