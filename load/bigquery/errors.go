package bigquery

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/googleapi"
)

// explain adds to an error of BigQuery what it means and what helps.
func explain(doing string, err error) error {
	if help := helpFor(err); help != "" {
		return fmt.Errorf("bigquery: %s: %s: %w", doing, help, err)
	}
	return fmt.Errorf("bigquery: %s: %w", doing, err)
}

// ways are those to say who one is.
const ways = "say who you are: `gcloud auth application-default login` on your own machine, GOOGLE_APPLICATION_CREDENTIALS or warehouse.credentials with the JSON " +
	"of a service account's key or of workload identity, or run where a service account is attached; warehouse.impersonate acts as another account"

func helpFor(err error) string {
	message, reason, code := parts(err)
	var network *net.OpError
	switch {
	case strings.Contains(message, "could not find default credentials"), strings.Contains(message, "invalid_grant"), code == http.StatusUnauthorized:
		return "there are no credentials that are accepted: " + ways
	case strings.Contains(message, "iam.serviceAccounts.getAccessToken"):
		return "you may not act as that account: grant roles/iam.serviceAccountTokenCreator on it: gcloud iam service-accounts add-iam-policy-binding ACCOUNT --member=YOU --role=roles/iam.serviceAccountTokenCreator"
	case reason == "accessDenied", code == http.StatusForbidden && permission.MatchString(message):
		return missingRole(message)
	case reason == "bytesBilledLimitExceeded", strings.Contains(message, "limit for bytes billed"):
		return "it would read more than warehouse.maximum_bytes_billed allows: raise it, or ask for less"
	case reason == "quotaExceeded":
		return "a quota of the project is used up: it comes back by itself; see IAM & Admin > Quotas"
	case reason == "rateLimitExceeded", reason == "jobRateLimitExceeded":
		return "BigQuery asked to wait, again and again: try later, or run less at once"
	case wrongLocation.MatchString(message):
		return "datasets and jobs must be in one location: set warehouse.location to that of the datasets"
	case errors.As(err, &network):
		return "there is no answer from there: check the network, and warehouse.endpoint if it is set"
	}
	return ""
}

// parts are the message, reason and HTTP status of an error, as far as it has them.
func parts(err error) (message, reason string, code int) {
	message = err.Error()
	var api *googleapi.Error
	var job *bigquery.Error
	switch {
	case errors.As(err, &job):
		reason = job.Reason
	case errors.As(err, &api):
		code = api.Code
		if len(api.Errors) > 0 {
			reason = api.Errors[0].Reason
		}
	}
	return message, reason, code
}

var (
	permission    = regexp.MustCompile(`bigquery\.[a-z]+\.[a-zA-Z]+`)
	missingTable  = regexp.MustCompile(`Not found: Table ([^\s:.]+)[:.]([^\s.]+)\.([^\s.;"]+)`)
	wrongLocation = regexp.MustCompile(`(?i)Not found: Dataset .*not found in location|different locations|Cannot process data across locations`)
)

// roles are the least that give a permission (https://cloud.google.com/bigquery/docs/access-control).
var roles = []struct{ permission, role, on string }{
	{"bigquery.jobs.create", "roles/bigquery.jobUser", "the project"},
	{"bigquery.datasets.create", "roles/bigquery.user", "the project"},
	{"bigquery.readsessions", "roles/bigquery.readSessionUser", "the project"},
	{"bigquery.", "roles/bigquery.dataEditor", "the datasets (or the project)"},
}

// missingRole says which role would give what was denied.
func missingRole(message string) string {
	denied := permission.FindString(message)
	if denied == "" {
		denied = "bigquery.tables.getData"
	}
	for _, r := range roles {
		if strings.HasPrefix(denied, r.permission) {
			return fmt.Sprintf("the permission %s is missing: grant %s on %s: gcloud projects add-iam-policy-binding PROJECT --member=serviceAccount:ACCOUNT --role=%s",
				denied, r.role, r.on, r.role)
		}
	}
	return ""
}
