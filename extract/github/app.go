package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	"github.com/golang-jwt/jwt/v4"

	"fourfold/extract"
)

// installation gets tokens for an app where it is installed. A token lives for an hour.
type installation struct {
	app       *App
	client    *extract.Client
	transport *ghinstallation.Transport
	redactor  *extract.Redactor
}

// newInstallation reads the app's private key, which no text of an error may hold.
func newInstallation(opts Options) (*installation, error) {
	if opts.App.PrivateKey == nil {
		return nil, errors.New("private_key is not given: write ${file:/path/of/the/key.pem}")
	}
	text, err := opts.App.PrivateKey()
	if err != nil {
		return nil, fmt.Errorf("read private_key: %w", opts.Redactor.Error(err))
	}
	opts.Redactor.Add(text)
	key, err := jwt.ParseRSAPrivateKeyFromPEM([]byte(strings.TrimSpace(text)))
	if err != nil {
		what := "it is no RSA key"
		switch {
		case strings.TrimSpace(text) == "":
			what = "it is empty"
		case !strings.Contains(text, "-----BEGIN"):
			what = "it does not begin with -----BEGIN RSA PRIVATE KEY-----"
		}
		return nil, fmt.Errorf("private_key is not the PEM of a private key: %s; make one on the app's page (Private keys) and write ${file:/path/of/the/key.pem}", what)
	}
	client, err := extract.NewClient(extract.ClientOptions{
		BaseURL: opts.APIURL, UserAgent: "fourfold/" + opts.Version, SlowDown: slowDown(opts.Clock), SlowWait: firstSlowWait,
		Describe: func(e *extract.HTTPError, body []byte) {
			describe(e, body)
			switch e.Status {
			case http.StatusUnauthorized, http.StatusForbidden:
				e.Hint = "check sources.github.app: id and private_key must be of the same app, and this machine's clock must be right"
			case http.StatusNotFound:
				e.Hint = "check sources.github.app.installation_id: the app is not installed there any more"
			}
		},
		Redactor: opts.Redactor, Logger: opts.Logger, Clock: opts.Clock, Transport: opts.Transport,
		MaxWait: time.Minute, // as long as what signs the request is good
	})
	if err != nil {
		return nil, fmt.Errorf("sources.github.api_url: %w", err)
	}
	asks := asker{client: client, base: opts.APIURL, stream: "token"}
	signed := ghinstallation.NewAppsTransportFromPrivateKey(asks, opts.App.ID, key)
	signed.BaseURL = strings.TrimSuffix(opts.APIURL, "/")
	return &installation{app: opts.App, client: client, transport: ghinstallation.NewFromAppsTransport(signed, opts.App.InstallationID), redactor: opts.Redactor}, nil
}

// token gives a token that is good for at least a minute.
func (i *installation) token(ctx context.Context) (string, error) {
	token, err := i.transport.Token(ctx)
	if err != nil {
		var inner *ghinstallation.HTTPError
		if errors.As(err, &inner) && inner.RootCause != nil {
			err = inner.RootCause // the rest of its words says what is said below
		}
		return "", i.redactor.Error(fmt.Errorf("get a token for installation %d of app %d: %w", i.app.InstallationID, i.app.ID, err))
	}
	i.redactor.Add(token)
	return token, nil
}
