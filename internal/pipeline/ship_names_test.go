package pipeline

import (
	"testing"

	"fourfold/internal/config"
	"fourfold/transform/ship"
)

func TestRepositoriesThatHaveHadOneNameAreToldApart(t *testing.T) {
	type had struct {
		id, name string
		seen     int64
	}
	for promise, test := range map[string]struct {
		all  []had
		want []string
	}{
		"each has a name of its own":                   {[]had{{"1", "acme/api", 5}, {"2", "acme/web", 5}}, []string{"acme/api", "acme/web"}},
		"the one that was seen with it last has it":    {[]had{{"1", "acme/api", 5}, {"2", "Acme/API", 9}, {"3", "acme/api", 7}}, []string{"acme/api~1", "Acme/API", "acme/api~3"}},
		"of those seen together it is the later one's": {[]had{{"9", "acme/api", 5}, {"10", "acme/api", 5}}, []string{"acme/api~9", "acme/api"}},
		"one that was never seen itself has not":       {[]had{{"1", "acme/api", 5}, {"2", "acme/api", ship.NoTime}}, []string{"acme/api", "acme/api~2"}},
	} {
		var all []*repository
		for _, x := range test.all {
			all = append(all, &repository{id: x.id, name: x.name, seenAt: x.seen})
		}
		tellApart(all)
		var got []string
		for _, r := range all {
			got = append(got, r.shown)
		}
		same(t, promise, got, test.want)
	}
}

// A tag means its commit; where nobody has the tag any more, it means the release that it is of.
func TestOnlyATagThatIsGoneNamesItsRelease(t *testing.T) {
	for promise, test := range map[string]struct {
		of   report
		want string
	}{
		"a release whose tag is gone":  {report{source: config.FromReleases, subject: "V1.2"}, "v1.2"},
		"a release whose tag is there": {report{source: config.FromReleases, subject: "v1.2", sha: "abc"}, ""},
		"a tag":                        {report{source: config.FromTags, subject: "v1.2"}, ""},
	} {
		same(t, promise, test.of.tagAlone(), test.want)
	}
}
