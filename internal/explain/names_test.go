package explain

import (
	"errors"
	"strings"
	"testing"
)

// idOf gives the id of what was found.
func idOf(e explanation) string {
	switch x := e.(type) {
	case *Incident:
		return x.ID
	case *Deployment:
		return x.ID
	case *Change:
		return x.ID
	}
	return ""
}

func TestAnObjectIsFoundByWhatPeopleHaveAtHand(t *testing.T) {
	m := newMarts(t)
	for _, x := range []struct{ kind, name, id string }{
		{"incident", "01ABC", "01ABC"},
		{"incident", "inc-5", "01ABC"},
		{"incident", "5", "01ABC"},
		{"deployment", "deployments:102", "deployments:102"},
		{"deployment", "DEPLOYMENTS:102", "deployments:102"},
		{"deployment", "102", "deployments:102"},
		{"deployment", " 102 ", "deployments:102"},
		{"deployment", "https://api.github.com/repos/acme/api/deployments/102", "deployments:102"},
		{"deployment", "https://github.com/acme/api/deployments/102", "deployments:102"},
		{"deployment", "https://ghe.example.test/api/v3/repos/acme/api/deployments/102/", "deployments:102"},
		{"deployment", "runs:55", "deployments:7"},
		{"deployment", "b2b2b2b", "deployments:102"},
		{"deployment", "B2B2B2B2B2B2b2b2b2b2b2b2b2b2b2b2b2b2b2b2", "deployments:102"},
		{"deployment", "acme/web@a1a1a1a", "deployments:7"},
		{"deployment", "1234567", "deployments:1234567"}, // a number before it is a hash
		{"deployment", "7654321", "deployments:1234567"}, // a hash of digits
		{"change", "acme/api#12", "acme/api#12"},
		{"change", "ACME/API#12", "acme/api#12"},
		{"change", "#13", "acme/api#13"},
		{"change", "13", "acme/api#13"},
		{"change", "https://github.com/acme/api/pull/12", "acme/api#12"},
		{"change", "https://github.com/acme/api/pull/12/files", "acme/api#12"},
		{"change", "https://api.github.com/repos/acme/api/pulls/12", "acme/api#12"},
		{"change", "acme/api@d4d4d4d", "acme/api@d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4"},
		{"change", "d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4", "acme/api@d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4"},
		{"change", "https://github.com/acme/api/commit/d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4", "acme/api@d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4"},
		{"change", "b1b1b1b", "acme/api#12"}, // its merge commit
		{"change", "1212121", "acme/api#12"}, // a commit of its branch
		{"change", "15151515", "acme/web#12"},
	} {
		e, err := find(t.Context(), m, x.kind, x.name)
		if err != nil {
			t.Errorf("%s %s: %v", x.kind, x.name, err)
		} else if got := idOf(e); got != x.id {
			t.Errorf("%s %s is %s, want %s", x.kind, x.name, got, x.id)
		}
	}
}

func TestWhatIsNotThereIsSaidWithWhatMayBeGiven(t *testing.T) {
	m := newMarts(t)
	for _, x := range []struct{ kind, name, says string }{
		{"incident", "INC-99", "private"},
		{"incident", "%", "reference"},
		{"deployment", "999", "deployments:123"},
		{"deployment", "10", "deployments:123"},
		{"deployment", "b2b2b2", "7 digits"}, // too short for a hash
		{"deployment", "%", "7 digits"},
		{"deployment", "", "7 digits"},
		{"deployment", `"`, "7 digits"},
		{"deployment", "acme/web@b2b2b2b", "7 digits"},
		{"deployment", "https://github.com/acme/api/deployments/production", "address"},
		{"change", "acme/api#99", "acme/api#123"},
		{"change", "api#12", "acme/api#123"},
		{"change", "2", "acme/api#123"},
		{"change", "acme/api", "acme/api#123"},
		{"change", "", "acme/api#123"},
		{"change", "#", "acme/api#123"},
		{"change", "%", "acme/api#123"},
		{"change", "f6f6f6f", "7 digits"}, // a merge commit of nobody's is no change
		{"change", "' or 1=1 --", "7 digits"},
	} {
		_, err := find(t.Context(), m, x.kind, x.name)
		if !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), x.says) || !strings.HasPrefix(err.Error(), x.kind+" "+x.name) {
			t.Errorf("%s %q: %v", x.kind, x.name, err)
		}
	}
}

func TestSeveralOfOneNameAreListedWithHowToChoose(t *testing.T) {
	m := newMarts(t)
	for _, x := range []struct {
		kind, name string
		says       []string
	}{
		{"deployment", "a1a1a1a", []string{
			"deployment a1a1a1a fits 3 of them: give the id of one",
			"\n  deployments:103  acme/api to production, commit a1a1a1a, finished 2026-10-05T09:20:00Z, rollback, of api, worker",
			"\n  deployments:7  acme/web to live", "\n  deployments:101 ",
		}},
		{"deployment", "c3c3c3c3c3", []string{"deployments:105", "status failure", "deployments:106", "deployments:104"}},
		{"change", "12", []string{"change 12 fits 2 of them: name one of them", "\n  acme/api#12  Raise the pool size", "\n  acme/web#12  Say hello"}},
		{"change", "1313131", nil},
	} {
		_, err := find(t.Context(), m, x.kind, x.name)
		var several *AmbiguousError
		if got := errors.As(err, &several); got != (x.says != nil) {
			t.Errorf("%s %s: %v", x.kind, x.name, err)
			continue
		}
		at := -1
		for _, want := range x.says {
			next := strings.Index(err.Error(), want)
			if next <= at {
				t.Errorf("%s %s lacks %q, or in that place:\n%v", x.kind, x.name, want, err)
			}
			at = next
		}
	}
	many := &AmbiguousError{What: "x", Found: make([]string, 25), How: "choose"}
	if !strings.HasSuffix(many.Error(), "\n  and 5 more") {
		t.Errorf("%v", many)
	}
}
