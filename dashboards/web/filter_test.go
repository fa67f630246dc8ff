package web

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestWhatIsNotUnderstoodInAnAddressIsLeftOut(t *testing.T) {
	for query, want := range map[string]string{
		"":                                      "",
		"period=month&range=12m":                "range=12m",
		"period=week&range=26w":                 "period=week&range=26w",
		"period=fortnight&range=9000w":          "",
		"severity=" + strings.Repeat("x", 1001): "",
		"severity=a%00b":                        "",
		"team=a%26b&service=%E6%B1%BA":          "service=%E6%B1%BA&team=a%26b",
		"counted=all&lang=ja&unknown=1":         "counted=all&lang=ja",
		"counted=some&lang=xx":                  "",
		"incident=01J":                          "incident=01J",
		"key=rework_rate&repository=acme%2Fapi": "key=rework_rate&repository=acme%2Fapi",
		"key=incidents":                         "",
	} {
		q, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		if got := parseFilter(q).query(); got != want {
			t.Errorf("%q is %q, want %q", query, got, want)
		}
	}
}

func TestARangeIsWholePeriodsAndTheOpenOne(t *testing.T) {
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	cal := calendar{zone: tokyo}
	sunday := calendar{zone: tokyo, sundayWeek: true}
	asOf, first := dayOf(2026, 11, 25), dayOf(2025, 5, 28)
	for _, c := range []struct {
		period, length string
		cal            calendar
		from           string
		periods        int
	}{
		{"month", "12m", cal, "2025-11-01", 13},
		{"week", "12w", cal, "2026-08-31", 13},
		{"week", "12w", sunday, "2026-08-30", 13},
		{"week", "6m", cal, "2026-05-18", 28},
		{"quarter", "12m", cal, "2025-10-01", 5},
		{"quarter", "12w", cal, "2026-07-01", 2},
		{"month", "all", cal, "2025-05-01", 19},
		{"week", "all", cal, "2025-05-26", 79},
	} {
		f := filter{Period: c.period, Range: c.length}
		sp := f.span(c.cal, asOf, first)
		if n := len(c.cal.periods(c.period, sp.From, sp.AsOf)); sp.From.String() != c.from || n != c.periods {
			t.Errorf("%s of %s: from %s, %d periods; want %s, %d", c.period, c.length, sp.From, n, c.from, c.periods)
		}
		if want := time.Date(2026, 11, 25, 15, 0, 0, 0, time.UTC); !sp.ToAt.Equal(want) {
			t.Errorf("%s of %s ends at %s, want %s", c.period, c.length, sp.ToAt, want)
		}
	}
}

func TestTheTimeBeforeIsAsLongAsTheRange(t *testing.T) {
	cal := calendar{zone: time.UTC}
	for length, want := range map[string]string{"12m": "2024-10-07 to 2025-10-31", "12w": "2026-04-06 to 2026-07-31", "all": "2025-05-01 to 2025-04-30"} {
		sp := filter{Period: "month", Range: length}.span(cal, dayOf(2026, 11, 25), dayOf(2025, 5, 28))
		if got := sp.BeforeFrom.String() + " to " + sp.BeforeTo.String(); got != want {
			t.Errorf("%s: %s, want %s", length, got, want)
		}
		if days := sp.BeforeFrom.daysTo(sp.BeforeTo); length != "all" && days != sp.From.daysTo(sp.AsOf) {
			t.Errorf("%s: %d days before a range of %d", length, days+1, sp.From.daysTo(sp.AsOf)+1)
		}
	}
}

func TestWhereNobodyChoseARangeOldDataIsShownWhole(t *testing.T) {
	b := buildInfo{AsOfDate: dayOf(2026, 11, 25), FirstDate: dayOf(2022, 3, 1), Calendar: calendar{zone: time.UTC}}
	for last, want := range map[day]string{dayOf(2025, 10, 31): "all", dayOf(2025, 11, 1): "12m"} {
		b.LastDate = last
		if got := (filter{Period: "month"}).chosen(b).Range; got != want {
			t.Errorf("with data to %s: %s, want %s", last, got, want)
		}
		if got := (filter{Period: "month", Range: "6m"}).chosen(b).Range; got != "6m" {
			t.Errorf("what was chosen became %s", got)
		}
	}
}

func TestADayBeginsWhenItsZoneSays(t *testing.T) {
	for _, c := range []struct{ zone, day, want string }{
		{"UTC", "2026-03-29", "2026-03-29T00:00:00Z"},
		{"Europe/Berlin", "2026-03-30", "2026-03-29T22:00:00Z"},
		{"America/New_York", "2026-11-02", "2026-11-02T05:00:00Z"},
		{"Asia/Beirut", "2026-03-29", "2026-03-28T22:00:00Z"},      // midnight is skipped; 01:00 is the first instant
		{"America/Santiago", "2026-09-06", "2026-09-06T04:00:00Z"}, // likewise, west of Greenwich
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		d, err := parseDay(c.day)
		if err != nil {
			t.Fatal(err)
		}
		if got := (calendar{zone: zone}).midnight(d).Format(time.RFC3339); got != c.want {
			t.Errorf("%s begins at %s in %s, want %s", c.day, got, c.zone, c.want)
		}
	}
}

func TestTheCacheKeepsWhatIsUsedAndForgetsTheRest(t *testing.T) {
	table := func(values int) *Table {
		rows := make([][]any, values-1)
		for i := range rows {
			rows[i] = []any{1}
		}
		return &Table{Columns: []string{"a"}, Rows: rows}
	}
	c := newCache(40, 10)
	for _, key := range []string{"a", "b", "c", "d"} {
		c.put(key, table(10))
	}
	c.get("a")
	c.put("e", table(10))
	c.put("large", table(11))
	var kept []string
	for _, key := range []string{"a", "b", "c", "d", "e", "large"} {
		if _, ok := c.get(key); ok {
			kept = append(kept, key)
		}
	}
	if diff := cmp.Diff([]string{"a", "c", "d", "e"}, kept); diff != "" || c.size != 40 {
		t.Errorf("size %d (-want +got)\n%s", c.size, diff)
	}
}

func TestCacheKeysOfDifferentQuestionsDiffer(t *testing.T) {
	keys := map[string]bool{}
	for _, args := range [][]any{{"a", "b"}, {"a b"}, {`a" "b`}, {"1"}, {int64(1)}, {nil}, {""}, {}} {
		keys[cacheKey("build", "name", args)] = true
	}
	keys[cacheKey("build2", "name", nil)] = true
	keys[cacheKey("build", "name2", nil)] = true
	if len(keys) != 10 {
		t.Errorf("%d keys of 10 questions: %v", len(keys), keys)
	}
}
