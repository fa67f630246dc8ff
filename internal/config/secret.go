package config

import (
	"fmt"
	"log/slog"
	"slices"
)

const masked = "***"

// Secret is a value that never prints: every way of formatting or marshalling it gives ***. It is resolved each time it
// is revealed, so a file that is replaced while the program runs is read anew. The zero Secret is unset.
//
// The value is behind a function because fmt, which calls no methods of unexported fields, follows pointers there for
// some verbs, but never calls a function.
type Secret struct{ ref func() *secretRef }

func newSecret(ref *secretRef) Secret { return Secret{func() *secretRef { return ref }} }

type secretRef struct {
	text template
	env  LookupEnv
	dir  string
	at   Error // file, line and key
}

// secretKey is a secret and the key that holds it.
type secretKey struct {
	key    string
	secret Secret
}

// NewSecret makes a secret of a plain value, for tests and for values that are made rather than configured.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return newSecret(&secretRef{text: template{{literal: value}}})
}

// IsSet reports whether there is anything to reveal. A reference counts, resolvable or not.
func (s Secret) IsSet() bool { return s.ref != nil }

// Reveal gives the value. When a reference in it cannot be resolved, the error (an *Error) names key, line and how to
// set it. An unset secret reveals as "".
func (s Secret) Reveal() (string, error) {
	value, err := s.reveal()
	if err != nil {
		return "", err
	}
	return value, nil
}

func (s Secret) reveal() (string, *Error) {
	if s.ref == nil {
		return "", nil
	}
	ref := s.ref()
	value, missing := ref.text.resolve(ref.env, ref.dir)
	if missing != nil {
		err := ref.at
		err.Problem, err.Fix, err.Err = missing.problem, missing.fix, missing.err
		return "", &err
	}
	return value, nil
}

// Equal reports whether two secrets are written alike, for comparisons in tests.
func (s Secret) Equal(other Secret) bool {
	if s.ref == nil || other.ref == nil {
		return s.ref == nil && other.ref == nil
	}
	return slices.Equal(s.ref().text, other.ref().text)
}

// String is ***.
func (s Secret) String() string { return masked }

// GoString is ***.
func (s Secret) GoString() string { return masked }

// Format writes *** for every verb, also those that pass String by.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, masked) }

// MarshalJSON gives "***".
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + masked + `"`), nil }

// MarshalText gives ***.
func (s Secret) MarshalText() ([]byte, error) { return []byte(masked), nil }

// MarshalYAML gives ***.
func (s Secret) MarshalYAML() (any, error) { return masked, nil }

// LogValue is ***.
func (s Secret) LogValue() slog.Value { return slog.StringValue(masked) }
