package mirror

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

const (
	treeLine = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n"
	ben      = "committer Ben <ben@acme.test> 1700000060 +0000\n"
)

func at(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }

func TestCommitsAreReadAsTheyWereWritten(t *testing.T) {
	p1, p2 := strings.Repeat("1", 40), strings.Repeat("2", 40)
	aki := Signature{Name: "Aki", Email: "aki@acme.test", At: at(1700000000)}
	committer := Signature{Name: "Ben", Email: "ben@acme.test", At: at(1700000060)}
	for name, x := range map[string]struct {
		raw  string
		want Commit
	}{
		"plain": {
			treeLine + "parent " + p1 + "\nauthor Aki <aki@acme.test> 1700000000 +0900\n" + ben + "\nTitle\n\nBody\n",
			Commit{Parents: []string{p1}, Author: aki, Committer: committer, Message: "Title\n\nBody\n"},
		},
		"merge with a signature and a signed tag": {
			treeLine + "parent " + p1 + "\nparent " + p2 + "\nauthor Aki <aki@acme.test> 1700000000 +0900\n" + ben +
				"mergetag object " + p2 + "\n type commit\n tag v1\n tagger Eve <eve@acme.test> 1 +0000\n \n parent of nothing\n author Eve <eve@acme.test> 1 +0000\n" +
				"gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ\n author Eve <eve@acme.test> 1 +0000\n -----END PGP SIGNATURE-----\n\nMerge\n",
			Commit{Parents: []string{p1, p2}, Author: aki, Committer: committer, Message: "Merge\n"},
		},
		"no message": {treeLine + "author Aki <aki@acme.test> 1700000000 +0900\n" + ben, Commit{Author: aki, Committer: committer}},
		"declared Latin-1": {
			treeLine + "author J\xfcrgen <j@acme.test> 1700000000 +0100\n" + ben + "encoding ISO-8859-1\n\nGr\xfc\xdfe\n",
			Commit{Author: Signature{"Jürgen", "j@acme.test", at(1700000000)}, Committer: committer, Message: "Grüße\n"},
		},
		"declared Shift_JIS": {
			treeLine + "author \x88\xc0\x93\xa1 <a@acme.test> 1700000000 +0900\n" + ben + "encoding Shift_JIS\n\n\x8fC\x90\xb3\n",
			Commit{Author: Signature{"安藤", "a@acme.test", at(1700000000)}, Committer: committer, Message: "修正\n"},
		},
		"declared ISO-2022-JP, which is 7 bits wide": {
			treeLine + "author Aki <aki@acme.test> 1700000000 +0900\n" + ben + "encoding ISO-2022-JP\n\n\x1b$B=$@5\x1b(B\n",
			Commit{Author: aki, Committer: committer, Message: "修正\n"},
		},
		"an encoding that nobody knows": {
			treeLine + "author Aki <aki@acme.test> 1700000000 +0900\n" + ben + "encoding klingon\n\nfix caf\xe9\n",
			Commit{Author: aki, Committer: committer, Message: "fix café\n"},
		},
		"not what it declares": {
			treeLine + "author J\xfcrgen \xe5\xae\x89 <j@acme.test> 1700000000 +0100\n" + ben + "encoding UTF-8\n\n\xff\xfe\n",
			Commit{Author: Signature{"Jürgen 安", "j@acme.test", at(1700000000)}, Committer: committer, Message: "ÿþ\n"},
		},
		"NUL in the message": {
			treeLine + "author Aki <aki@acme.test> 1700000000 +0900\n" + ben + "\nfix\x00hidden\n",
			Commit{Author: aki, Committer: committer, Message: "fix"},
		},
		"header of others": {
			treeLine + "author Aki <aki@acme.test> 1700000000 +0900\n" + ben + "HG:extra branch:x\nauthor Eve <e@acme.test> 5 +0000\n\nfix\n",
			Commit{Author: aki, Committer: committer, Message: "fix\n"},
		},
		"no header":    {"\nonly a message\n", Commit{Message: "only a message\n"}},
		"nothing":      {"", Commit{}},
		"author alone": {"author", Commit{}},
	} {
		t.Run(name, func(t *testing.T) {
			x.want.SHA = "s"
			if diff := cmp.Diff(x.want, parseCommit("s", []byte(x.raw))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSignaturesAreReadHoweverOdd(t *testing.T) {
	for line, want := range map[string]Signature{
		"Aki <aki@acme.test> 1700000000 -0330":           {"Aki", "aki@acme.test", at(1700000000)},
		"Aki <aki@acme.test> 1700000000 +51800":          {"Aki", "aki@acme.test", at(1700000000)},
		"Aki <aki@acme.test> 1700000000":                 {"Aki", "aki@acme.test", at(1700000000)},
		"Aki <aki@acme.test> -86400 +0000":               {"Aki", "aki@acme.test", at(-86400)},
		"Aki <aki@acme.test> 0 +0000":                    {"Aki", "aki@acme.test", at(0)},
		"Aki <aki@acme.test> 18446744073709551615 +0000": {"Aki", "aki@acme.test", time.Time{}},
		"Aki <aki@acme.test> 9223372036854775807 +0000":  {"Aki", "aki@acme.test", time.Time{}},
		"Aki <aki@acme.test> 253402300799 +0000":         {"Aki", "aki@acme.test", time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)},
		"Aki <aki@acme.test> 253402300800 +0000":         {"Aki", "aki@acme.test", time.Time{}},
		"Aki <aki@acme.test> yesterday":                  {"Aki", "aki@acme.test", time.Time{}},
		"Aki <aki@acme.test>":                            {"Aki", "aki@acme.test", time.Time{}},
		"Aki <> 1 +0000":                                 {"Aki", "", at(1)},
		" <aki@acme.test> 1 +0000":                       {"", "aki@acme.test", at(1)},
		"<> 1 +0000":                                     {"", "", at(1)},
		"Aki <aki@acme.test 1 +0000":                     {"Aki", "aki@acme.test 1 +0000", time.Time{}},
		"Aki <<aki@acme.test>> 1 +0000":                  {"Aki", "<aki@acme.test", at(1)},
		"Aki <aki@acme.test> x> 1 +0000":                 {"Aki", "aki@acme.test", at(1)},
		"Aki":                                            {"Aki", "", time.Time{}},
		"":                                               {},
	} {
		if diff := cmp.Diff(want, parseSignature([]byte(line), utf8Text)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", line, diff)
		}
	}
}

func TestOddCommitsArriveAsTheyAre(t *testing.T) {
	w := setup(t)
	repo := w.server.Create("acme/api")
	odd := repo.Raw(treeLine + "author  <> -5 -9999\ncommitter B\xe9n <b> 99999999999999999999 +0000\nencoding nonsense\n\n\n\n  caf\xe9\x00")
	long := repo.Raw(treeLine + "parent " + odd + "\nauthor Aki <a@acme.test> 1 +0000\n" + ben + "\n" + strings.Repeat("x", 700_000) + "\n")
	repo.Point("refs/heads/main", long)
	r := w.open("acme/api")
	w.fetch(r)
	var got []Commit
	for c, err := range r.Commits(t.Context(), []string{long}, nil) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, *c)
	}
	if len(got) != 2 {
		t.Fatalf("%d commits", len(got))
	}
	want := Commit{SHA: odd, Author: Signature{At: at(-5)}, Committer: Signature{Name: "Bén", Email: "b"}, Message: "\n\n  café"}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(got[1].Message) != 700_001 {
		t.Errorf("a message of %d bytes", len(got[1].Message))
	}
}

func FuzzParseCommit(f *testing.F) {
	f.Add([]byte(treeLine + "parent x\nauthor A <a> 1 +0000\n" + ben + "encoding iso-2022-jp\n\n\x1b$B=$@5"))
	f.Add([]byte("author <\nencoding utf-16\n\n\x00\xff"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c := parseCommit("s", raw)
		for _, s := range []string{c.Message, c.Author.Name, c.Author.Email, c.Committer.Name, c.Committer.Email} {
			if !utf8.ValidString(s) {
				t.Errorf("%q is no UTF-8", s)
			}
		}
		for _, at := range []time.Time{c.Author.At, c.Committer.At} {
			if _, err := at.MarshalText(); err != nil {
				t.Error(err)
			}
		}
	})
}
