package config

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"reflect"
	"time"
)

// Hash is a digest of all that changes numbers: time zone, start of the week, privacy, metrics with the content of the
// links file, services, which repositories are read and for which service, and since when. It is the same on every
// machine and for every way of writing the same values; secrets, addresses, paths and what is only shown are not in it.
// Nothing of sources.files is: a file, its mapping and its time zone change numbers only through the rows that the next
// sync lands, and of those the mark of the ledgers tells.
func (c *Config) Hash() string {
	numbers := map[string]any{
		"version":    1, // of this digest
		"timezone":   c.Timezone.String(),
		"week_start": c.WeekStart,
		"privacy":    plain(reflect.ValueOf(c.Privacy)),
		"metrics":    plain(reflect.ValueOf(c.Metrics)),
		"links":      contentHash(string(c.Metrics.Links)),
		"services":   plain(reflect.ValueOf(c.Services)),
	}
	if s := c.Sources.Incidentio; s != nil {
		numbers["incidentio"] = map[string]any{"since": plain(reflect.ValueOf(s.Since))}
	}
	if s := c.Sources.GitHub; s != nil {
		numbers["github"] = map[string]any{
			"since":        plain(reflect.ValueOf(s.Since)),
			"repositories": plain(reflect.ValueOf(s.Repositories)),
		}
	}
	text, err := json.Marshal(numbers) // sorts the keys of maps
	if err != nil {
		panic("config: hash: " + err.Error()) // plain gives nothing that JSON lacks
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// plain gives a value by its keys, in one form for each meaning; nil for what is left out.
func plain(v reflect.Value) any {
	switch x := v.Interface().(type) {
	case Secret, Path:
		return nil
	case Duration:
		return x.Nanoseconds()
	case FailureWindow:
		if x.Off || x.Unlimited {
			return x.String()
		}
		return x.Duration.Nanoseconds()
	case Date:
		if x.IsZero() {
			return nil
		}
		return x.Time().UTC().Format(time.RFC3339Nano)
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return plain(v.Elem())
	case reflect.Slice:
		out := make([]any, v.Len())
		for i := range out {
			out[i] = plain(v.Index(i))
		}
		return out
	case reflect.Map:
		out := map[string]any{}
		for _, key := range v.MapKeys() {
			out[key.String()] = plain(v.MapIndex(key))
		}
		return out
	case reflect.Struct:
		out := map[string]any{}
		for _, f := range fieldsOf(v.Type()) {
			out[f.name] = plain(v.Field(f.index))
		}
		return out
	}
	return v.Interface()
}

// contentHash is the digest of a file's content; a file that cannot be read has a digest of its own, and the build that
// reads it says why.
func contentHash(path string) string {
	if path == "" {
		return ""
	}
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "absent"
	case err != nil:
		return "unreadable"
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
