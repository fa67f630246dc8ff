package bigquery

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/googleapi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// explain adds to an error of BigQuery what it means and what helps.
func (c *Client) explain(doing string, err error) error {
	//nolint:errorlint // one inside another is worded by that
	if of, ok := err.(*bigquery.Error); ok {
		err = jobError{of}
	}
	if help := c.helpFor(err); help != "" {
		return fmt.Errorf("bigquery: %s: %s: %w", doing, help, err)
	}
	return fmt.Errorf("bigquery: %s: %w", doing, err)
}

// jobError is what became of a job, in BigQuery's words alone: the client's are those of a program, {Location: ""; Message: ""; Reason: ""}.
type jobError struct{ of *bigquery.Error }

func (e jobError) Unwrap() error { return e.of }
func (e jobError) Error() string {
	if e.of.Message == "" {
		return e.of.Error()
	}
	return e.of.Message
}

// ways are those to say who one is.
const ways = "say who you are: `gcloud auth application-default login` on your own machine, GOOGLE_APPLICATION_CREDENTIALS or warehouse.credentials with the JSON " +
	"of a service account's key or of workload identity, or run where a service account is attached; warehouse.impersonate acts as another account"

// noCredentials are in the messages of who has none, or none that are good any more.
var noCredentials = regexp.MustCompile("could not find default credentials|GOOGLE_APPLICATION_CREDENTIALS environment variable|invalid_grant|invalid_client|invalid_rapt")

func (c *Client) helpFor(err error) string {
	message, reason, code := parts(err)
	var network *net.OpError
	switch {
	case isDisabled(message, reason):
		return c.enable(message)
	case noCredentials.MatchString(message), code == http.StatusUnauthorized:
		return "there are no credentials that are accepted: " + ways
	case strings.Contains(message, "iam.serviceAccounts.getAccessToken"):
		account := orElse(c.opts.Impersonate, "ACCOUNT")
		return fmt.Sprintf("you may not act as that account: grant roles/iam.serviceAccountTokenCreator on it: gcloud iam service-accounts add-iam-policy-binding %s --member=YOU --role=roles/iam.serviceAccountTokenCreator", account)
	case limited.MatchString(message):
		m := limited.FindStringSubmatch(message)
		return fmt.Sprintf("it would be billed for %s and may be for %s (warehouse.maximum_bytes_billed): ask for fewer columns or rows of a shorter time, or raise it", mebibytes(m[2]), mebibytes(m[1]))
	case reason == "bytesBilledLimitExceeded", strings.Contains(message, "limit for bytes billed"):
		return "it would be billed for more than it may be (warehouse.maximum_bytes_billed): ask for fewer columns or rows of a shorter time, or raise it"
	case quotaOf(err) == "quotaExceeded":
		return "a quota is used up, and waiting did not help: it comes back by and by, within a day: run less often, or have it raised: " +
			"https://console.cloud.google.com/iam-admin/quotas?project=" + orElse(c.opts.Project, "PROJECT")
	case quotaOf(err) != "":
		return "BigQuery asked to wait, again and again: try later, or run less at once (dbt.threads; other programs in the project count, too)"
	case isDenied(err):
		return c.missingRole(message)
	case wrongLocation.MatchString(message):
		return "datasets and jobs must be in one location: set warehouse.location to that of the datasets"
	case errors.As(err, &network):
		return "there is no answer from there: check the network, and warehouse.endpoint if it is set"
	}
	return ""
}

// parts are the message, reason and HTTP status of an error, as far as it has them. Those of gRPC, which the Storage Read API
// answers with, have the status that HTTP would have.
func parts(err error) (message, reason string, code int) {
	message = err.Error()
	var api *googleapi.Error
	var job *bigquery.Error
	var said *refusal
	switch {
	case errors.As(err, &said):
		return message, said.reason, said.code
	case errors.As(err, &job):
		reason = job.Reason
	case errors.As(err, &api):
		code = api.Code
		if len(api.Errors) > 0 {
			reason = api.Errors[0].Reason
		}
	default:
		if s, ok := status.FromError(err); ok {
			code = statuses[s.Code()]
		}
	}
	return message, reason, code
}

var statuses = map[codes.Code]int{
	codes.PermissionDenied: http.StatusForbidden, codes.Unauthenticated: http.StatusUnauthorized, codes.NotFound: http.StatusNotFound,
	codes.ResourceExhausted: http.StatusTooManyRequests,
}

var (
	permission    = regexp.MustCompile(`\bbigquery\.([a-zA-Z]+)\.[a-zA-Z]+`)
	missingTable  = regexp.MustCompile(`Not found: Table ([^\s:.]+)[:.]([^\s.]+)\.([^\s.;"]+)`)
	wrongLocation = regexp.MustCompile(`(?i)Not found: Dataset .*not found in location|different locations|Cannot process data across locations`)
	// limited is how BigQuery says that a query would be billed for more than it may be, in bytes.
	limited = regexp.MustCompile(`exceeded limit for bytes billed: (\d+)\. (\d+) or higher required`)
	// onDataset are the project and the dataset that an error is about: a project may have a domain before it.
	onDataset = []*regexp.Regexp{
		regexp.MustCompile(`(?i)\b(?:dataset|table|view|model|routine) ((?:[a-z0-9-]+\.[a-z0-9.-]+:)?[a-z][a-z0-9-]*)[:.]([a-z0-9_]+)`),
		regexp.MustCompile(`projects/([^/\s']+)/datasets/([^/\s']+)`),
	}
	service = regexp.MustCompile(`\b([a-z][a-z-]*\.googleapis\.com)/overview`)
)

func mebibytes(bytes string) string {
	n, _ := strconv.ParseFloat(bytes, 64)
	if n >= 1<<30 {
		return fmt.Sprintf("%.1f GiB", n/(1<<30))
	}
	return fmt.Sprintf("%.1f MiB", n/(1<<20))
}

// isDenied reports whether an error says that somebody may not do something.
func isDenied(err error) bool {
	if err == nil {
		return false
	}
	message, reason, code := parts(err)
	return reason == "accessDenied" || code == http.StatusForbidden && quotaOf(err) == "" && !isDisabled(message, reason)
}

// isDisabled reports whether a project has not switched on what is asked for.
func isDisabled(message, reason string) bool {
	return reason == "accessNotConfigured" || strings.Contains(message, "SERVICE_DISABLED") || strings.Contains(message, "has not been used in project")
}

// enable says how an API is switched on.
func (c *Client) enable(message string) string {
	name := "bigquery.googleapis.com"
	if m := service.FindStringSubmatch(message); m != nil {
		name = m[1]
	}
	return fmt.Sprintf("the project has not enabled the API: gcloud services enable %s --project %s (it takes some minutes until that is known everywhere)", name, orElse(c.opts.Project, "PROJECT"))
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// Least roles that give a permission (https://cloud.google.com/bigquery/docs/access-control).
var (
	ofProject = map[string]string{
		"bigquery.jobs.create": "roles/bigquery.jobUser", "bigquery.datasets.create": "roles/bigquery.user",
		"bigquery.readsessions.create": "roles/bigquery.readSessionUser", "bigquery.readsessions.getData": "roles/bigquery.readSessionUser",
	}
	ofOwner  = []string{"bigquery.datasets.update", "bigquery.datasets.setIamPolicy", "bigquery.datasets.getIamPolicy", "bigquery.datasets.delete"}
	ofReader = []string{
		"bigquery.datasets.get", "bigquery.tables.get", "bigquery.tables.getData", "bigquery.tables.list", "bigquery.tables.createSnapshot",
		"bigquery.routines.get", "bigquery.routines.list", "bigquery.models.getData", "bigquery.models.list",
	}
)

// missingRole says which role would give what was denied, on what, and how it is granted.
func (c *Client) missingRole(message string) string {
	denied, kind := permissionOf(message)
	if denied == "" {
		if !strings.Contains(message, "does not have permission to query") {
			return "" // a policy forbids it, which no role changes
		}
		denied, kind = "bigquery.tables.getData", "tables"
	}
	text := "the permission " + denied + " is missing"
	if role := ofProject[denied]; role != "" {
		return text + ": " + c.onProject(role)
	}
	if !slices.Contains([]string{"datasets", "tables", "routines", "models"}, kind) {
		return text
	}
	project, dataset := orElse(c.opts.Project, "PROJECT"), "DATASET"
	for _, of := range onDataset {
		if m := of.FindStringSubmatch(message); m != nil {
			project, dataset = m[1], m[2]
			break
		}
	}
	switch isRaw := c.opts.Dataset == "" || dataset == c.Raw(); {
	case slices.Contains(ofReader, denied):
		return fmt.Sprintf("%s: grant roles/bigquery.dataViewer on dataset %s to who only reads, and to the account that does rounds the role of docs/warehouses/bigquery.md: %s", text, dataset, c.grant("roles/bigquery.dataViewer", project, dataset))
	case slices.Contains(ofOwner, denied), !isRaw && strings.HasPrefix(dataset, c.opts.Dataset+"_"):
		return fmt.Sprintf("%s: grant roles/bigquery.dataOwner on dataset %s: %s", text, dataset, c.grant("roles/bigquery.dataOwner", project, dataset))
	default:
		return fmt.Sprintf("%s: grant roles/bigquery.dataEditor on dataset %s: %s", text, dataset, c.grant("roles/bigquery.dataEditor", project, dataset))
	}
}

// permissionOf is the permission that a message names, and what it is about. An address of the API is none.
func permissionOf(message string) (name, kind string) {
	for _, m := range permission.FindAllStringSubmatch(message, -1) {
		if m[1] != "googleapis" {
			return m[0], m[1]
		}
	}
	return "", ""
}

// onProject says how a role on the project is granted.
func (c *Client) onProject(role string) string {
	return fmt.Sprintf("grant %[1]s on the project: gcloud projects add-iam-policy-binding %[2]s --condition=None --member=%[3]s --role=%[1]s", role, orElse(c.opts.Project, "PROJECT"), c.member())
}

// grant says how a role on a dataset is granted. Neither gcloud nor `bq add-iam-policy-binding` does it: SQL does
// (https://cloud.google.com/bigquery/docs/reference/standard-sql/data-control-language).
func (c *Client) grant(role, project, dataset string) string {
	location := ""
	if c.opts.Location != "" {
		location = "--location=" + c.opts.Location + " "
	}
	return fmt.Sprintf("bq --project_id=%s %squery --use_legacy_sql=false 'grant `%s` on schema `%s.%s` to %q'", project, location, role, project, dataset, c.member())
}

// member is who the program is, as roles are granted to him, if it can be told.
func (c *Client) member() string {
	account := c.opts.Impersonate
	var key struct {
		Email string `json:"client_email"`
	}
	if account == "" && json.Unmarshal(c.opts.Credentials, &key) == nil {
		account = key.Email
	}
	return "serviceAccount:" + orElse(account, "ACCOUNT")
}
