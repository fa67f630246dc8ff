package duckdb

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestValuesOfEveryTypeBecomeThoseThatRowsPromise(t *testing.T) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tests := []struct {
		sql  string
		want any
	}{
		{`null`, nil},
		{`true`, true},
		{`1::tinyint`, int64(1)},
		{`200::utinyint`, int64(200)},
		{`(select sum(x) from (values (2), (3)) as t (x))`, int64(5)},
		{`9223372036854775807::ubigint`, int64(9223372036854775807)},
		{`18446744073709551615::ubigint`, "18446744073709551615"},
		{`170141183460469231731687303715884105727::hugeint`, "170141183460469231731687303715884105727"},
		{`1.25::decimal(9, 2)`, 1.25},
		{`-0.05::decimal(9, 2)`, -0.05},
		{`0::decimal(9, 2)`, 0.0},
		{`7::decimal(9, 0)`, int64(7)},
		{`round(avg(2.345), 2)`, 2.35},
		{`0.1::float`, 0.1},
		{`'日本'`, "日本"},
		{`'a'::enum ('a', 'b')`, "a"},
		{`date '2026-01-02'`, "2026-01-02"},
		{`time '10:00:00.5'`, "10:00:00.5"},
		{`timestamptz '2026-01-02 03:04:05.000006+09'`, time.Date(2026, 1, 1, 18, 4, 5, 6000, time.UTC)},
		{`timestamp '2026-01-02 03:04:05'`, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)},
		{`timestamptz '2026-01-02 03:04:05.5Z' - timestamptz '2026-01-01 02:04:05Z'`, "1 day 01:00:00.5"},
		{`interval '-90 seconds'`, "-00:01:30"},
		{`interval '14 months 3 days'`, "1 year 2 months 3 days"},
		{`interval '0 days'`, "00:00:00"},
		{`'0b0e0d0c-1111-2222-3333-444455556666'::uuid`, "0b0e0d0c-1111-2222-3333-444455556666"},
		{`[1, null, 3]`, `[1,null,3]`},
		{`{'a': 1, 'b': [date '2026-01-02']}`, `{"a":1,"b":["2026-01-02T00:00:00Z"]}`},
		{`map {'k': 1.5}`, `{"k":1.5}`},
		{`'{"b": [1, "x"]}'::json`, `{"b":[1,"x"]}`},
		{`'\xFF'::blob`, `\xff`},
		{`'plain'::blob`, "plain"},
	}
	for _, test := range tests {
		t.Run(test.sql, func(t *testing.T) {
			rows, err := db.QueryContext(context.Background(), "select "+test.sql)
			if err != nil {
				t.Fatal(err)
			}
			got, err := stream(rows)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for row, err := range got.All {
				if err != nil {
					t.Fatal(err)
				}
				n++
				if d := cmp.Diff(test.want, row[0]); d != "" {
					t.Errorf("(-want +got) as %s:\n%s", got.Types[0], d)
				}
			}
			if n != 1 {
				t.Errorf("%d rows", n)
			}
		})
	}
}
