package bigquery

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"
	"google.golang.org/api/storage/v1"
)

// bucketFrom is the size, in bytes, from which on a file goes by the bucket, if there is one: a full batch of a first load has
// about 3 MiB, and of a move twice that; what a later round brings has less.
var bucketFrom = 2 << 20

// bucketChunk is how much of a file goes in one request, in bytes: a multiple of 256 KiB. What is lost is sent again from there.
var bucketChunk = 1 << 20

// bucket is where files wait for the jobs that load them. It is not asked before the first of them.
type bucket struct {
	mu      sync.Mutex
	service *storage.Service
	off     bool // it takes none: loads go without it
}

// place puts a file that is large into the bucket, under the name of the job that is to load it, and gives its gs:// address.
// It is "" where the file goes with the job itself. A file that is there already is not sent again.
func (c *Client) place(ctx context.Context, id string, file []byte) (string, error) {
	if c.opts.Bucket == "" || len(file) < bucketFrom {
		return "", nil
	}
	c.bucket.mu.Lock()
	defer c.bucket.mu.Unlock()
	if c.bucket.off {
		return "", nil
	}
	name := "fourfold/" + c.opts.Dataset + "/" + id + ".parquet"
	err := c.send(ctx, name, file)
	if err == nil {
		return "gs://" + c.opts.Bucket + "/" + name, nil
	}
	if ctx.Err() != nil {
		return "", fmt.Errorf("bigquery: put %s into bucket %s: %w", name, c.opts.Bucket, ctx.Err())
	}
	c.bucket.off = true
	c.opts.Log.Warn("warehouse.bucket takes no files, and loads go without it: is it there, and has the account roles/storage.objectAdmin on it?",
		"bucket", c.opts.Bucket, "error", err)
	return "", nil
}

// send makes an object of a file, unless it is there.
func (c *Client) send(ctx context.Context, name string, file []byte) error {
	if c.bucket.service == nil {
		service, err := connectStorage(ctx, c.opts)
		if err != nil {
			return err
		}
		c.bucket.service = service
	}
	objects, doing := c.bucket.service.Objects, "put "+name+" into bucket "+c.opts.Bucket
	digest := md5.Sum(file) // what Cloud Storage compares it by
	hash := base64.StdEncoding.EncodeToString(digest[:])
	generation := int64(0) // there is none
	for range attempts {
		err := c.insist(ctx, doing, func(context.Context) error { // it has more time than one request
			bounded, cancel := context.WithTimeout(ctx, patience*time.Duration(1+len(file)/bucketChunk))
			defer cancel()
			_, err := objects.Insert(c.opts.Bucket, &storage.Object{Name: name, Md5Hash: hash}).IfGenerationMatch(generation).
				Media(bytes.NewReader(file), googleapi.ContentType("application/octet-stream"), googleapi.ChunkSize(bucketChunk), googleapi.ChunkTransferTimeout(patience)).
				Context(bounded).Do()
			return err
		})
		if !isStatus(err, http.StatusPreconditionFailed) {
			return err
		}
		var there *storage.Object
		err = c.insist(ctx, doing, func(ctx context.Context) (err error) {
			there, err = objects.Get(c.opts.Bucket, name).Context(ctx).Do()
			return err
		})
		switch {
		case isStatus(err, http.StatusNotFound): // it has just been removed
			generation = 0
		case err != nil:
			return err
		case there.Md5Hash == hash:
			return nil
		default:
			generation = there.Generation
		}
	}
	return errors.New("another one is put there all the time: is another program at work?")
}

// leave removes a file that its job has done with, and says of a job that failed where its file was. One whose job may be at
// work still stays, and so does one that cannot be removed: the bucket's lifecycle rule removes those.
func (c *Client) leave(ctx context.Context, at string, err error) error {
	var failed *bigquery.Error
	if at == "" || err != nil && !errors.As(err, &failed) {
		return err
	}
	name := strings.TrimPrefix(at, "gs://"+c.opts.Bucket+"/")
	_ = c.insist(context.WithoutCancel(ctx), "remove "+at, func(ctx context.Context) error {
		return c.bucket.service.Objects.Delete(c.opts.Bucket, name).Context(ctx).Do()
	})
	if err != nil {
		return fmt.Errorf("%w (by way of %s: warehouse.bucket must be where the datasets are)", err, at)
	}
	return nil
}

// newStorage makes a client; a test looks at what it is given.
var newStorage = storage.NewService

// connectStorage makes a client of Cloud Storage, as the same account and at the same place as that of BigQuery. It outlives
// the append that needs it first, whose context its credentials would be asked with again and again.
func connectStorage(ctx context.Context, o Options) (*storage.Service, error) {
	ctx = context.WithoutCancel(ctx)
	options, err := clientOptions(ctx, o)
	if err != nil {
		return nil, err
	}
	if o.Endpoint != "" {
		options = append(options, option.WithEndpoint(strings.TrimRight(o.Endpoint, "/")+"/storage/v1/"))
	}
	return newStorage(ctx, append(options, option.WithScopes(storage.DevstorageReadWriteScope))...)
}
