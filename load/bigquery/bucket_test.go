package bigquery

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/option"
	"google.golang.org/api/storage/v1"

	fake "fourfold/internal/fake/bigquery"
)

// viaBucket is a client whose files of so many bytes and more go by the bucket "files", and what it logs.
func viaBucket(t *testing.T, endpoint, project string, from int) (*Client, *bytes.Buffer) {
	t.Helper()
	quickly(t)
	was, wasChunk := bucketFrom, bucketChunk
	bucketFrom, bucketChunk = from, 256<<10
	t.Cleanup(func() { bucketFrom, bucketChunk = was, wasChunk })
	var log bytes.Buffer
	c, err := Connect(t.Context(), Options{
		Project: project, Dataset: "d", Location: "US", Endpoint: endpoint, Bucket: "files", Labels: map[string]string{"team": "sre"},
		Log: slog.New(slog.NewTextHandler(&log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c, &log
}

// twoRuns land what ends as both.
func twoRuns(t *testing.T, c *Client) {
	t.Helper()
	for n, rows := range [][][3]string{first, second} {
		r := begin(t, c, n+1)
		r.must(fmt.Sprintf(`{"at":%d}`, n+1), rows...)
		r.close()
	}
	if diff := cmp.Diff(both, content(t, c)); diff != "" {
		t.Errorf("content (-want +got):\n%s", diff)
	}
}

// uploads are the loads whose file came with them.
func uploads(calls []fake.Call) (n int) {
	for _, c := range calls {
		if c.Kind == "load" && strings.HasPrefix(c.Path, "/upload/") {
			n++
		}
	}
	return n
}

func TestALargeFileGoesByTheBucketAndIsRemoved(t *testing.T) {
	server := fake.Start(t)
	server.Bucket("files")
	c, log := viaBucket(t, server.URL, server.Project, 1)
	twoRuns(t, c)
	calls := server.Calls()
	if n := fake.Count(calls, "storage.upload"); n < 2 || n != fake.Count(calls, "load") || n != fake.Count(calls, "storage.delete") || uploads(calls) != 0 {
		t.Errorf("%d files in the bucket: %v", n, kindsOf(calls))
	}
	for _, call := range calls {
		name := "gs://files/fourfold/d/" + strings.TrimSuffix(call.JobID, "-1") + ".parquet"
		if call.Kind == "load" && (!strings.Contains(call.Body, name) || !strings.Contains(call.Body, `"team":"sre"`) || !strings.Contains(call.Body, `"run":"run-`)) {
			t.Errorf("job %s: %s", call.JobID, call.Body)
		}
	}
	if left := server.Objects(); len(left) != 0 || log.Len() > 0 {
		t.Errorf("left in the bucket: %v; said: %s", left, log)
	}
}

func TestBelowTheSizeTheBucketIsNotAsked(t *testing.T) {
	server := fake.Start(t)
	c, log := viaBucket(t, server.URL, server.Project, 1<<20)
	twoRuns(t, c)
	for _, call := range server.Calls() {
		if strings.HasPrefix(call.Kind, "storage.") {
			t.Errorf("%s %s", call.Method, call.Path)
		}
	}
	if log.Len() > 0 {
		t.Error(log)
	}
}

// A file of several requests: each kind of them loses its answer once.
func TestAFileOfManyPartsSurvivesLostAnswers(t *testing.T) {
	for _, kind := range []string{"storage.upload", "storage.chunk", "storage.delete", "load"} {
		for _, loss := range []fake.Loss{fake.Unheard, fake.Unspoken} {
			t.Run(fmt.Sprint(kind, " ", loss), func(t *testing.T) {
				server := fake.Start(t)
				server.Bucket("files")
				c, log := viaBucket(t, server.URL, server.Project, 256<<10)
				var rows [][3]string
				for n := range 16_000 { // a random text is not made shorter
					rows = append(rows, [3]string{fmt.Sprint(n), rand.Text(), ""})
				}
				r := begin(t, c, 1)
				server.Calls()
				lost := false
				server.Drop(loss, 1, func(c fake.Call) bool {
					now := c.Kind == kind
					lost = lost || now
					return now
				})
				if res := r.must(`{"at":1}`, rows...); res.Added != int64(len(rows)) {
					t.Errorf("%+v", res)
				}
				calls := server.Calls()
				if n := fake.Count(calls, "storage.chunk"); n < 3 || uploads(calls) == fake.Count(calls, "load") {
					t.Errorf("%d parts: %v", n, kindsOf(calls))
				}
				if !lost {
					t.Error("nothing was lost")
				}
				r.close()
				if got := content(t, c); len(got) != len(rows)+1 {
					t.Errorf("%d rows, want %d", len(got)-1, len(rows))
				}
				if left := server.Objects(); len(left) != 0 || log.Len() > 0 {
					t.Errorf("left in the bucket: %v; said: %s", left, log)
				}
			})
		}
	}
}

// What is in the bucket under a job's name is sent once. Another content, which the job cannot have meant, is replaced.
func TestAFileThatIsThereIsNotSentAgain(t *testing.T) {
	server := fake.Start(t)
	server.Bucket("files")
	c, _ := viaBucket(t, server.URL, server.Project, 1)
	file := make([]byte, 600<<10)
	rand.Read(file)
	sent := func(file []byte) (bytes int64) {
		t.Helper()
		if at, err := c.place(t.Context(), "job", file); err != nil || at != "gs://files/fourfold/d/job.parquet" {
			t.Fatalf("%s, %v", at, err)
		}
		for _, call := range server.Calls() {
			bytes += call.Bytes
		}
		return bytes
	}
	if n := sent(file); n < int64(len(file)) {
		t.Errorf("%d bytes were sent", n)
	}
	if n := sent(file); n > 1_000 {
		t.Errorf("it is there, and %d bytes were sent", n)
	}
	file[0]++
	if n := sent(file); n < int64(len(file)) {
		t.Errorf("another file, and %d bytes were sent", n)
	}
	if n := sent(file); n > 1_000 {
		t.Errorf("it is there, and %d bytes were sent", n)
	}
}

// A move that is killed at any request of the bucket or of a load, heard or not, ends in the same content.
func TestAKillBesideTheBucketIsHarmless(t *testing.T) {
	for _, loss := range []fake.Loss{fake.Unheard, fake.Unspoken} {
		for at := 1; at <= 7; at++ {
			t.Run(fmt.Sprint(at, " ", loss), func(t *testing.T) {
				inBatches(t, 4)
				server := fake.Start(t)
				server.Bucket("files")
				c, log := viaBucket(t, server.URL, server.Project, 1)
				ctx, kill := context.WithCancel(t.Context())
				n := 0
				beside := func(c fake.Call) bool { return strings.HasPrefix(c.Kind, "storage.") || c.Kind == "load" }
				server.Drop(loss, 1, func(c fake.Call) bool {
					if beside(c) {
						n++
					}
					return n == at && beside(c)
				})
				server.Drop(fake.Unheard, 1_000, func(fake.Call) bool {
					if n >= at {
						kill()
					}
					return n >= at
				})
				_, err := move(ctx, c, newElsewhere())
				kill()
				server.Heal()
				if err == nil {
					t.Fatal("nothing was killed")
				}
				again, _ := viaBucket(t, server.URL, server.Project, 1)
				if rows, err := move(t.Context(), again, newElsewhere()); err != nil || rows != 8 {
					t.Fatalf("%d rows, %v", rows, err)
				}
				if diff := cmp.Diff(movedOver, content(t, again)); diff != "" {
					t.Errorf("content (-want +got):\n%s", diff)
				}
				// One that was loaded and not removed is left to the lifecycle rule.
				if left := server.Objects(); len(left) > 1 || log.Len() > 0 {
					t.Errorf("left in the bucket: %v; said: %s", left, log)
				}
			})
		}
	}
}

func TestABucketThatTakesNothingIsDoneWithout(t *testing.T) {
	for _, x := range []struct {
		name string
		make func(*fake.Server) string // gives the endpoint
		want string
	}{
		{"it may not be written", func(s *fake.Server) string { s.ClosedBucket("files"); return s.URL }, "does not have storage.objects.create access"},
		{"it is not there", func(s *fake.Server) string { return s.URL }, "bucket does not exist"},
		{"there is no storage at the endpoint", func(s *fake.Server) string { return s.Raw }, "404"},
	} {
		t.Run(x.name, func(t *testing.T) {
			server := fake.Start(t)
			c, log := viaBucket(t, x.make(server), server.Project, 1)
			twoRuns(t, c)
			if said := log.String(); strings.Count(said, "warehouse.bucket takes no files") != 1 || !strings.Contains(said, x.want) {
				t.Errorf("said: %s", said)
			}
			if n := fake.Count(server.Calls(), "storage.upload"); n > 1 {
				t.Errorf("it was asked %d times", n)
			}
		})
	}
}

// The job may be at work still where nobody knows what became of it: its file stays.
func TestAFileStaysUntilItsJobHasEnded(t *testing.T) {
	server := fake.Start(t)
	server.Bucket("files")
	c, _ := viaBucket(t, server.URL, server.Project, 1)
	at, err := c.place(t.Context(), "job", []byte("a file"))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.leave(t.Context(), at, io.ErrUnexpectedEOF); !errors.Is(err, io.ErrUnexpectedEOF) || len(server.Objects()) != 1 {
		t.Errorf("%v, and in the bucket is %v", err, server.Objects())
	}
	ended := &bigquery.Error{Reason: "invalid", Message: "Cannot read and write in different locations: source: EU, destination: US"}
	if err := c.leave(t.Context(), at, ended); !errors.Is(err, ended) || !strings.Contains(err.Error(), "gs://files/fourfold/d/job.parquet: warehouse.bucket must be where the datasets are") {
		t.Error(err)
	}
	if left := server.Objects(); len(left) != 0 {
		t.Errorf("left in the bucket: %v", left)
	}
}

// What makes credentials may keep the context that it was given, to renew them with.
func TestTheBucketOutlivesTheFirstAppend(t *testing.T) {
	server := fake.Start(t)
	server.Bucket("files")
	c, _ := viaBucket(t, server.URL, server.Project, 1)
	var given context.Context
	was := newStorage
	newStorage = func(ctx context.Context, options ...option.ClientOption) (*storage.Service, error) {
		given = ctx
		return was(ctx, options...)
	}
	t.Cleanup(func() { newStorage = was })
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := c.place(ctx, "first", []byte("a file")); err != nil {
		t.Fatal(err)
	}
	cancel()
	if given == nil || given.Err() != nil {
		t.Errorf("the client was made with the context of the append: %v", given)
	}
	if at, err := c.place(t.Context(), "second", []byte("a file")); err != nil || at != "gs://files/fourfold/d/second.parquet" {
		t.Errorf("the next append: %s, %v", at, err)
	}
}
