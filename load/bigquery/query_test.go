package bigquery

import (
	"testing"

	"cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"
)

func TestParametersAreNamedByTheirPlace(t *testing.T) {
	for _, x := range []struct {
		sql, want string
		args      []any
		names     []string
	}{
		{"select ? from t where a = ?", "select ? from t where a = ?", []any{1, "x"}, []string{"", ""}},
		{"select $2, $1, $2 || '$1' || \"$2\" || 'it\\'s $1'", "select @p2, @p1, @p2 || '$1' || \"$2\" || 'it\\'s $1'", []any{1, 2}, []string{"p1", "p2"}},
		{"select $12", "select @p12", nil, nil},
	} {
		sql, got := bind(x.sql, x.args)
		var want []bigquery.QueryParameter
		for i, a := range x.args {
			want = append(want, bigquery.QueryParameter{Name: x.names[i], Value: a})
		}
		if diff := cmp.Diff(x.want, sql) + cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", x.sql, diff)
		}
	}
}
