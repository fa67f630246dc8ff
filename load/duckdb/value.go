package duckdb

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	duck "github.com/duckdb/duckdb-go/v2"
)

// plainValue reduces the driver's values to those that load.Rows promises. A number stays a number where int64 or
// float64 holds it: sum() of whole numbers is a HUGEINT and round(x, 2) may be a DECIMAL.
func plainValue(v any, engineType string) any {
	switch x := v.(type) {
	case nil, bool, int64, float64, string:
		return x
	case int8:
		return int64(x)
	case int16:
		return int64(x)
	case int32:
		return int64(x)
	case uint8:
		return int64(x)
	case uint16:
		return int64(x)
	case uint32:
		return int64(x)
	case uint64:
		return whole(new(big.Int).SetUint64(x))
	case *big.Int:
		return whole(x)
	case float32:
		// 0.1 as a FLOAT is 0.1 to people, and not the double nearest to it.
		f, _ := strconv.ParseFloat(strconv.FormatFloat(float64(x), 'g', -1, 32), 64) // what FormatFloat wrote
		return f
	case duck.Decimal:
		return decimal(x)
	case time.Time:
		return moment(x, engineType)
	case []byte:
		return bytesText(x, engineType)
	case duck.Interval:
		return intervalText(x)
	default:
		return nested(v)
	}
}

// whole is a number where an int64 holds it, else its digits.
func whole(n *big.Int) any {
	if n.IsInt64() {
		return n.Int64()
	}
	return n.String()
}

func decimal(d duck.Decimal) any {
	if d.Scale == 0 {
		return whole(d.Value)
	}
	f, _ := strconv.ParseFloat(d.String(), 64) // digits and a point
	return f
}

func moment(t time.Time, engineType string) any {
	switch engineType {
	case "DATE":
		return t.UTC().Format(time.DateOnly)
	case "TIME":
		return t.Format("15:04:05.999999")
	case "TIMETZ", "TIME WITH TIME ZONE":
		return t.Format("15:04:05.999999Z07:00")
	default:
		return t.UTC()
	}
}

func bytesText(b []byte, engineType string) string {
	switch {
	case engineType == "UUID" && len(b) == 16:
		h := hex.EncodeToString(b)
		return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
	case utf8.Valid(b):
		return string(b)
	default:
		return `\x` + hex.EncodeToString(b)
	}
}

// intervalText writes an interval as DuckDB does: 1 year 2 months 3 days 04:05:06.7.
func intervalText(i duck.Interval) string {
	var parts []string
	add := func(n int32, one string) {
		switch {
		case n == 1 || n == -1:
			parts = append(parts, fmt.Sprintf("%d %s", n, one))
		case n != 0:
			parts = append(parts, fmt.Sprintf("%d %ss", n, one))
		}
	}
	add(i.Months/12, "year")
	add(i.Months%12, "month")
	add(i.Days, "day")
	if i.Micros != 0 || len(parts) == 0 {
		sign, micros := "", i.Micros
		if micros < 0 {
			sign, micros = "-", -micros
		}
		s := micros / 1e6
		text := fmt.Sprintf("%s%02d:%02d:%02d", sign, s/3600, s/60%60, s%60)
		if rest := micros % 1e6; rest != 0 {
			text += "." + strings.TrimRight(fmt.Sprintf("%06d", rest), "0")
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " ")
}

// nested is a list, struct, map or JSON value as JSON text.
func nested(v any) any {
	text, err := json.Marshal(jsonable(v))
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}

// jsonable is a nested value whose parts encoding/json writes as they are meant.
func jsonable(v any) any {
	switch x := v.(type) {
	case []any:
		out := make([]any, len(x))
		for i, e := range x {
			out[i] = jsonable(e)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(x))
		for k, e := range x {
			out[k] = jsonable(e)
		}
		return out
	case duck.OrderedMap:
		out := map[string]any{}
		for i, k := range x.Keys() {
			out[fmt.Sprint(plainValue(k, ""))] = jsonable(x.Values()[i])
		}
		return out
	case duck.Union:
		return jsonable(x.Value)
	case time.Time, nil, bool, string, float64:
		return x
	default:
		return plainScalar(x)
	}
}

// plainScalar is plainValue of what is not nested; other types are their text.
func plainScalar(v any) any {
	switch v.(type) {
	case int8, int16, int32, int64, uint8, uint16, uint32, uint64, *big.Int, float32, duck.Decimal, []byte, duck.Interval:
		return plainValue(v, "")
	default:
		return fmt.Sprint(v)
	}
}
