package digest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Target is where a digest goes. Address is a secret: who has it can post.
type Target struct {
	Kind    Kind
	Address string
}

// Kind is a kind of target, by its key in the configuration.
type Kind string

// The kinds of targets.
const (
	Slack      Kind = "digest.slack"
	GoogleChat Kind = "digest.google_chat"
	Webhook    Kind = "digest.webhook"
)

// Message is what a target is sent.
func (k Kind) Message(d *Digest) ([]byte, error) {
	switch k {
	case Slack:
		return slackMessage(d)
	case GoogleChat:
		return chatMessage(d)
	default:
		return webhookMessage(d)
	}
}

// Poster posts digests. The zero value is ready.
type Poster struct {
	Client  *http.Client  // its redirects are not followed
	Timeout time.Duration // of one request with its answer; 15 s if zero
	// Wait waits before another attempt, until the context ends; time.Timer if nil.
	Wait func(context.Context, time.Duration) error
}

const (
	attempts    = 3               // of one target, the first included
	longestWait = 1 * time.Minute // that an answer may ask for; a digest is not worth more
	usualWait   = 2 * time.Second // where a 429 names no time
	answerBytes = 512             // that are read of an answer
)

// Post tells every target, one after the other; one that fails keeps none of the others from being told. The error joins
// what failed; it has the kind of each target and no address.
func (p Poster) Post(ctx context.Context, d *Digest, targets []Target) (told []Kind, err error) {
	var failed []error
	for _, t := range targets {
		body, err := t.Kind.Message(d)
		if err == nil {
			err = p.send(ctx, t, body)
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", t.Kind, err))
			continue
		}
		told = append(told, t.Kind)
	}
	return told, errors.Join(failed...)
}

// send posts to one target. It tries again only after a 429: that the message was not taken is known of nothing else, and
// twice told is worse than not at all.
func (p Poster) send(ctx context.Context, t Target, body []byte) error {
	for attempt := 1; ; attempt++ {
		wait, err := p.once(ctx, t, body)
		if err == nil || wait == 0 || attempt == attempts {
			return err
		}
		if wait > longestWait {
			return fmt.Errorf("%w, and asks to wait for %s: run `fourfold digest` again then", err, wait)
		}
		if waitErr := p.wait(ctx, wait); waitErr != nil {
			return errors.Join(err, waitErr)
		}
	}
}

// once posts once. It gives how long to wait before another attempt, 0 where there must be none.
func (p Poster) once(ctx context.Context, t Target, body []byte) (time.Duration, error) {
	timeout := p.Timeout
	if timeout <= 0 {
		timeout = 15 * time.Second
	}
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(limited, http.MethodPost, t.Address, bytes.NewReader(body))
	if err != nil {
		return 0, errors.New("is not an address that can be posted to")
	}
	req.Header.Set("Content-Type", "application/json; charset=UTF-8")
	req.Header.Set("User-Agent", "fourfold")
	client := http.Client{}
	if p.Client != nil {
		client = *p.Client
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	answer, err := client.Do(req)
	if err != nil {
		if ctx.Err() == nil && limited.Err() != nil {
			return 0, fmt.Errorf("did not answer within %s: whether the message arrived is not known", timeout)
		}
		return 0, t.clean(err)
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(io.LimitReader(answer.Body, answerBytes))
	if err != nil && answer.StatusCode/100 != 2 {
		said = nil // the status says enough
	}
	switch {
	case answer.StatusCode/100 == 2:
		return 0, nil
	case answer.StatusCode == http.StatusTooManyRequests:
		return retryAfter(answer.Header.Get("Retry-After")), errors.New("answered 429: too many messages")
	case answer.StatusCode/100 == 3:
		return 0, fmt.Errorf("answered %d: it leads elsewhere, and a message is not sent on: write the address that it leads to", answer.StatusCode)
	}
	text := t.redacted(strings.Join(strings.Fields(strings.ToValidUTF8(string(said), "")), " "))
	if text != "" {
		text = ": " + clip(text, 200)
	}
	fix := ""
	switch answer.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusGone:
		fix = ": make a new webhook and put its address into " + string(t.Kind)
	}
	return 0, fmt.Errorf("answered %d%s%s", answer.StatusCode, text, fix)
}

// clean is an error of the transport without the address that it was asked for.
func (t Target) clean(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	if errors.Is(err, context.Canceled) {
		return context.Canceled
	}
	return errors.New("cannot be reached: " + t.redacted(err.Error()))
}

// redacted is a text without the parts of the address that let post.
func (t Target) redacted(text string) string {
	u, err := url.Parse(t.Address)
	if err != nil {
		return ""
	}
	secrets := []string{t.Address, u.RequestURI(), u.Path, u.EscapedPath(), u.RawQuery}
	secrets = append(secrets, strings.Split(u.Path, "/")...)
	for _, values := range u.Query() {
		secrets = append(secrets, values...)
	}
	if u.User != nil {
		password, _ := u.User.Password()
		secrets = append(secrets, u.User.String(), u.User.Username(), password)
	}
	for _, s := range secrets {
		if len(s) > 3 { // shorter ones are no secrets, and would take words apart
			text = strings.ReplaceAll(text, s, "***")
		}
	}
	return text
}

// retryAfter reads seconds; a date, which depends on clocks, and nonsense are the usual wait.
func retryAfter(header string) time.Duration {
	if n, err := strconv.Atoi(strings.TrimSpace(header)); err == nil && n >= 0 && n < 1<<20 {
		return max(time.Duration(n)*time.Second, time.Second)
	}
	return usualWait
}

func (p Poster) wait(ctx context.Context, d time.Duration) error {
	if p.Wait != nil {
		return p.Wait(ctx, d)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
