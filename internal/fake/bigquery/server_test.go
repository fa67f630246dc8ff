package bigquery_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"
	"google.golang.org/api/storage/v1"

	fake "fourfold/internal/fake/bigquery"
)

func client(t *testing.T, s *fake.Server) *bigquery.Client {
	t.Helper()
	c, err := bigquery.NewClient(t.Context(), s.Project, option.WithEndpoint(s.URL+"/bigquery/v2/"), option.WithoutAuthentication())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.Dataset("d").Create(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return c
}

func run(ctx context.Context, c *bigquery.Client, id, sql string) (*bigquery.Job, error) {
	q := c.Query(sql)
	q.JobID = id
	return q.Run(ctx)
}

func code(err error) int {
	var api *googleapi.Error
	if errors.As(err, &api) {
		return api.Code
	}
	return 0
}

func TestAnIDIsThatOfOneJob(t *testing.T) {
	s := fake.Start(t)
	c := client(t, s)
	ctx := t.Context()
	if _, err := run(ctx, c, "one", "create table d.t (id int64)"); err != nil {
		t.Fatal(err)
	}
	load := func() error {
		rows := bigquery.NewReaderSource(strings.NewReader(`{"id":1}` + "\n" + `{"id":2}`))
		rows.SourceFormat = bigquery.JSON
		l := c.Dataset("d").Table("t").LoaderFrom(rows)
		l.JobID = "two"
		job, err := l.Run(ctx)
		if err != nil {
			return err
		}
		if job.ID() != "two" {
			t.Errorf("the job that was asked for as two is %s", job.ID())
		}
		status, err := job.Wait(ctx)
		if err != nil {
			return err
		}
		return status.Err()
	}
	if err := load(); err != nil {
		t.Fatal(err)
	}
	if err := load(); code(err) != http.StatusConflict {
		t.Errorf("the same load again: %v, want 409", err)
	}
	if _, err := run(ctx, c, "one", "select 1"); code(err) != http.StatusConflict {
		t.Errorf("another query under the same id: %v, want 409", err)
	}
	job, err := c.JobFromID(ctx, "two")
	if err != nil || job.ID() != "two" {
		t.Errorf("the load by its id: %v, %v", job, err)
	}
	job, err = run(ctx, c, "three", "select count(*) from d.t")
	if err != nil {
		t.Fatal(err)
	}
	it, err := job.Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var row []bigquery.Value
	if err := it.Next(&row); err != nil || row[0] != int64(2) {
		t.Errorf("rows: %v, %v, want 2", row, err)
	}
	if calls := s.Calls(); fake.Count(calls, "load") != 2 || fake.Count(calls, "query") != 3 {
		t.Errorf("calls %+v", calls)
	}
}

func TestAQueryThatFailsIsAnError(t *testing.T) {
	s := fake.Start(t)
	c := client(t, s)
	if _, err := c.Query("select nope from d.nothing").Read(t.Context()); code(err) != http.StatusBadRequest {
		t.Errorf("%v, want 400", err)
	}
}

func TestAnAnswerCanBeLost(t *testing.T) {
	for _, loss := range []fake.Loss{fake.Unheard, fake.Unspoken} {
		s := fake.Start(t)
		c := client(t, s)
		s.Drop(loss, 1, func(c fake.Call) bool { return c.Kind == "load" })
		l := c.Dataset("d").Table("t").LoaderFrom(bigquery.NewReaderSource(strings.NewReader("1\n")))
		l.JobID, l.CreateDisposition = "load", bigquery.CreateIfNeeded
		if _, err := l.Run(t.Context()); err == nil {
			t.Fatal("the answer was lost, and there is no error")
		}
		_, err := c.JobFromID(t.Context(), "load")
		if heard := err == nil; heard != (loss == fake.Unspoken) {
			t.Errorf("loss %d: the job is known: %t (%v)", loss, heard, err)
		}
	}
}

// Objects are made once where that is asked for, in one request or many; a load job reads the one that it names.
func TestALoadJobReadsWhatIsInStorage(t *testing.T) {
	s := fake.Start(t)
	s.Bucket("open")
	s.ClosedBucket("closed")
	c := client(t, s)
	ctx := t.Context()
	files, err := storage.NewService(ctx, option.WithEndpoint(s.URL+"/storage/v1/"), option.WithoutAuthentication())
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Repeat(`{"id":1}`+"\n", 60_000) // more than one part of 256 KiB
	put := func(bucket, name, text string) error {
		_, err := files.Objects.Insert(bucket, &storage.Object{Name: name}).IfGenerationMatch(0).Media(strings.NewReader(text), googleapi.ChunkSize(256<<10)).Context(ctx).Do()
		return err
	}
	for _, x := range []struct {
		bucket, name, text string
		want               int
	}{
		{"open", "a/many.json", rows, 0},
		{"open", "a/many.json", rows, http.StatusPreconditionFailed},
		{"open", "one.json", `{"id":2}`, 0},
		{"open", "one.json", `{"id":2}`, http.StatusPreconditionFailed},
		{"closed", "one.json", rows, http.StatusForbidden},
		{"none", "one.json", rows, http.StatusNotFound},
	} {
		if err := put(x.bucket, x.name, x.text); code(err) != x.want || (err == nil) != (x.want == 0) {
			t.Errorf("%s/%s: %v, want %d", x.bucket, x.name, err, x.want)
		}
	}
	if o, err := files.Objects.Get("open", "a/many.json").Do(); err != nil || o.Size != uint64(len(rows)) {
		t.Errorf("%+v, %v", o, err)
	}
	load := func(id, name string) error {
		from := bigquery.NewGCSReference("gs://open/" + name)
		from.SourceFormat, from.Schema = bigquery.JSON, bigquery.Schema{{Name: "id", Type: bigquery.IntegerFieldType}}
		l := c.Dataset("d").Table("t").LoaderFrom(from)
		l.JobID = id
		job, err := l.Run(ctx)
		if err != nil {
			return err
		}
		status, err := job.Wait(ctx)
		if err != nil {
			return err
		}
		return status.Err()
	}
	if _, err := run(ctx, c, "table", "create table d.t (id int64)"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(load("many", "a/many.json"), load("one", "one.json")); err != nil {
		t.Fatal(err)
	}
	if err := load("many", "one.json"); code(err) != http.StatusConflict {
		t.Errorf("another load under the same id: %v, want 409", err)
	}
	it, err := c.Query("select count(*), sum(id) from d.t").Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var row []bigquery.Value
	if err := it.Next(&row); err != nil || row[0] != int64(60_001) || row[1] != int64(60_002) {
		t.Errorf("rows and their sum: %v, %v", row, err)
	}
	if err := files.Objects.Delete("open", "one.json").Do(); err != nil {
		t.Fatal(err)
	}
	if err := files.Objects.Delete("open", "one.json").Do(); code(err) != http.StatusNotFound {
		t.Errorf("removed twice: %v, want 404", err)
	}
	var failed *bigquery.Error
	if err := load("gone", "one.json"); !errors.As(err, &failed) || failed.Reason != "notFound" {
		t.Errorf("a load of what is not there: %v", err)
	}
	if left := s.Objects(); len(left) != 1 || left[0] != "open/a/many.json" {
		t.Errorf("objects: %v", left)
	}
}
