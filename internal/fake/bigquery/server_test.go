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
