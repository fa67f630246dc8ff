package bigquery

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/googleapi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func refused403(reason, message string) error {
	return &googleapi.Error{Code: http.StatusForbidden, Message: message, Errors: []googleapi.ErrorItem{{Reason: reason, Message: message}}}
}

// Messages are those of BigQuery's documentation and of reports of its users.
func TestAnErrorSaysWhatHelps(t *testing.T) {
	project := "gcloud projects add-iam-policy-binding my-project --condition=None --member=serviceAccount:four@my-project.iam --role="
	onDataset := func(role, dataset string) string {
		return "bq --project_id=my-project --location=EU query --use_legacy_sql=false 'grant `" + role + "` on schema `my-project." + dataset + "` to \"serviceAccount:four@my-project.iam\"'"
	}
	denied := func(permission, what, name string) error {
		return refused403("accessDenied", fmt.Sprintf("Access Denied: %s %s: Permission %s denied on %s %s (or it may not exist).", what, name, permission, strings.ToLower(what), name))
	}
	for _, x := range []struct {
		name string
		err  error
		want []string
		not  string
	}{
		{"no right to run jobs", refused403("accessDenied", "Access Denied: Project my-project: User does not have bigquery.jobs.create permission in project my-project."), []string{"bigquery.jobs.create is missing", project + "roles/bigquery.jobUser"}, "query --use"},
		{"no right to make datasets", refused403("accessDenied", "Access Denied: Project my-project: User does not have bigquery.datasets.create permission in project my-project."), []string{project + "roles/bigquery.user"}, "query --use"},
		{"no right to describe a dataset", denied("bigquery.datasets.update", "Dataset", "my-project:ff_marts"), []string{"bigquery.datasets.update is missing", onDataset("roles/bigquery.dataOwner", "ff_marts")}, "dataEditor"},
		{"no right to say who has access", denied("bigquery.datasets.setIamPolicy", "Dataset", "my-project:ff_raw"), []string{onDataset("roles/bigquery.dataOwner", "ff_raw")}, "dataEditor"},
		{"no right to look at a dataset", denied("bigquery.datasets.get", "Dataset", "my-project:ff_raw"), []string{onDataset("roles/bigquery.dataViewer", "ff_raw"), "docs/warehouses/bigquery.md"}, "gcloud projects"},
		{"no right to make a table of ledgers", denied("bigquery.tables.create", "Dataset", "my-project:ff_raw"), []string{onDataset("roles/bigquery.dataEditor", "ff_raw")}, "dataOwner"},
		{"no right to change a ledger", denied("bigquery.tables.updateData", "Table", "my-project:ff_raw.runs"), []string{onDataset("roles/bigquery.dataEditor", "ff_raw")}, "dataOwner"},
		{"no right to make a model", denied("bigquery.tables.create", "Dataset", "my-project:ff_build"), []string{onDataset("roles/bigquery.dataOwner", "ff_build")}, "dataEditor"},
		{"a job that may not read", &bigquery.Error{Reason: "accessDenied", Message: "Access Denied: Table my-project:ff_marts.four_keys: User does not have permission to query table my-project:ff_marts.four_keys, or perhaps it does not exist."}, []string{"bigquery.tables.getData is missing", onDataset("roles/bigquery.dataViewer", "ff_marts")}, "gcloud projects"},
		{"a resource by its path", refused403("accessDenied", "Access Denied: User a@b does not have permission to perform bigquery.tables.getData on resource 'projects/my-project/datasets/ff_raw/tables/runs'."), []string{onDataset("roles/bigquery.dataViewer", "ff_raw")}, ""},
		{"a project with a domain", denied("bigquery.datasets.update", "Dataset", "example.com:my-project:ff_marts"), []string{"grant `roles/bigquery.dataOwner` on schema `example.com:my-project.ff_marts`"}, ""},
		{"a policy", refused403("accessDenied", "Access Denied: BigQuery BigQuery: VPC Service Controls: Request is prohibited by organization's policy."), nil, "is missing"},
		{"a role that is not known", refused403("accessDenied", "Permission bigquery.reservations.use denied on reservation projects/x/locations/y/reservations/z (or it may not exist)"), []string{"bigquery.reservations.use is missing"}, "grant"},
		{"an address before a permission", refused403("accessDenied", "POST https://bigquery.googleapis.com/bigquery/v2/projects/my-project/jobs: User does not have bigquery.jobs.create permission in project my-project."), []string{"bigquery.jobs.create is missing", project + "roles/bigquery.jobUser"}, "googleapis.com is missing"},
		{"an address and no permission", refused403("accessDenied", "Requests to bigquery.googleapis.com are blocked."), nil, "is missing"},
		{"an API that is off", refused403("accessNotConfigured", "BigQuery API has not been used in project 12 before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/bigquery.googleapis.com/overview?project=12 then retry."), []string{"gcloud services enable bigquery.googleapis.com --project my-project"}, "is missing"},
		{"an API that is off, in other words", refused403("forbidden", "Access to bigquery.googleapis.com is off: SERVICE_DISABLED"), []string{"gcloud services enable bigquery.googleapis.com --project my-project"}, "is missing"},
		{"the Storage Read API is off", status.Error(codes.PermissionDenied, "BigQuery Storage API has not been used in project 12 before or it is disabled. Enable it by visiting https://console.developers.google.com/apis/api/bigquerystorage.googleapis.com/overview?project=12 then retry."), []string{"gcloud services enable bigquerystorage.googleapis.com --project my-project"}, "is missing"},
		{"the Storage Read API may not be used", fmt.Errorf("failed to read rows: %w", status.Error(codes.PermissionDenied, "request failed: the user does not have 'bigquery.readsessions.create' permission for 'projects/my-project'")), []string{"bigquery.readsessions.create is missing", project + "roles/bigquery.readSessionUser"}, "query --use"},
		{"no right to act as an account", errors.New("impersonate: status code 403: Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist)."), []string{"gcloud iam service-accounts add-iam-policy-binding four@my-project.iam --member=YOU --role=roles/iam.serviceAccountTokenCreator"}, ""},
		{"no credentials", errors.New("google: could not find default credentials. See https://cloud.google.com/docs/authentication/external/set-up-adc for more information"), []string{"gcloud auth application-default login", "GOOGLE_APPLICATION_CREDENTIALS", "warehouse.credentials", "workload identity", "service account is attached", "warehouse.impersonate"}, ""},
		{"a login that has expired", errors.New(`oauth2: "invalid_grant" "reauth related error (invalid_rapt)"`), []string{"gcloud auth application-default login"}, ""},
		{"a token that is not taken", &googleapi.Error{Code: http.StatusUnauthorized, Message: "Request had invalid authentication credentials."}, []string{"gcloud auth application-default login"}, ""},
		{"a dataset in another location", &googleapi.Error{Code: http.StatusNotFound, Message: "Not found: Dataset my-project:ff_raw was not found in location US"}, []string{"set warehouse.location to that of the datasets"}, ""},
		{"a query over its limit", &bigquery.Error{Reason: "bytesBilledLimitExceeded", Message: "Query exceeded limit for bytes billed: 10485760. 6442450944 or higher required."}, []string{"billed for 6.0 GiB and may be for 10.0 MiB (warehouse.maximum_bytes_billed)"}, ""},
		{"a quota of a day", &bigquery.Error{Reason: "quotaExceeded", Message: "Quota exceeded: Your table exceeded quota for imports or query appends per table."}, []string{"run less often, or have it raised: https://console.cloud.google.com/iam-admin/quotas?project=my-project", "imports or query appends per table"}, ""},
		{"a limit of seconds", refused403("rateLimitExceeded", "Exceeded rate limits: too many table update operations for this table."), []string{"run less at once", "too many table update operations"}, "is missing"},
		{"a limit without a reason", &googleapi.Error{Code: http.StatusTooManyRequests, Message: "Too many"}, []string{"run less at once"}, ""},
		{"what is wrong with a query", &bigquery.Error{Location: "query", Reason: "invalidQuery", Message: "Unrecognized name: n at [1:8]"}, []string{"bigquery: do it: Unrecognized name: n at [1:8]"}, "{Location"},
		{"a job that says no more than why", &bigquery.Error{Reason: "stopped"}, []string{"stopped"}, ""},
		{"what is wrong with a statement", &googleapi.Error{Code: http.StatusBadRequest, Message: "Syntax error at https://bigquery.googleapis.com/x"}, nil, "grant"},
	} {
		c := &Client{opts: Options{Project: "my-project", Dataset: "ff", Location: "EU", Impersonate: "four@my-project.iam"}}
		err := c.explain("do it", x.err)
		for _, want := range x.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v\nwant %s", x.name, err, want)
			}
		}
		if !errors.Is(err, x.err) || x.not != "" && strings.Contains(err.Error(), x.not) {
			t.Errorf("%s: %v\nwant nothing of %q", x.name, err, x.not)
		}
	}
}

func TestWhoIsToBeGrantedARoleIsNamedIfItIsKnown(t *testing.T) {
	for want, o := range map[string]Options{
		"serviceAccount:ACCOUNT": {},
		"serviceAccount:key@p":   {Credentials: []byte(`{"type": "service_account", "client_email": "key@p", "private_key": "secret"}`)},
		"serviceAccount:other@p": {Credentials: []byte(`{"client_email": "key@p"}`), Impersonate: "other@p"},
	} {
		if got := (&Client{opts: o}).member(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestCredentialsThatAreNotThereAreSaidWithTheWaysThereAre(t *testing.T) {
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", t.TempDir()+"/none.json")
	_, err := Connect(t.Context(), Options{Project: "p", Dataset: "ff"})
	if err == nil || !strings.Contains(err.Error(), "connect to project p: there are no credentials that are accepted: say who you are: `gcloud auth application-default login`") {
		t.Errorf("%v", err)
	}
}
