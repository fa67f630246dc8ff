package bigquery

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// storage is a small Cloud Storage beside the emulator, by its JSON API
// (https://cloud.google.com/storage/docs/json_api/v1): what load jobs read by gs:// is in it.
type storage struct {
	buckets  map[string]int    // the status that its writers get; 0 is that they may write
	objects  map[string]object // by bucket/name
	sessions map[string]*session
	last     int64 // generation, of all objects
}

type object struct {
	data       []byte
	generation int64
}

// session is a resumable upload.
type session struct {
	id           string // bucket/name
	md5, matches string
	data         []byte
	done         bool
}

// Bucket makes a bucket that may be written.
func (s *Server) Bucket(name string) { s.bucket(name, 0) }

// ClosedBucket makes one that the caller may not write.
func (s *Server) ClosedBucket(name string) { s.bucket(name, http.StatusForbidden) }

func (s *Server) bucket(name string, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.storage.buckets[name] = status
}

// Objects are the names of what is in all buckets, as bucket/name.
func (s *Server) Objects() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.storage.objects))
}

var storageRoute = regexp.MustCompile(`^(/upload)?/storage/v1/b/([^/]+)/o(?:/(.+))?$`)

// storageKind says what a request of storage is for.
func storageKind(r *http.Request) string {
	switch r.Method {
	case http.MethodPost, http.MethodPut: // the parts of a resumable upload come by either
		if r.URL.Query().Has("upload_id") {
			return "storage.chunk"
		}
		return "storage.upload"
	case http.MethodDelete:
		return "storage.delete"
	default:
		return "storage.get"
	}
}

// store answers a request of storage.
func (s *Server) store(in []string, r *http.Request, body []byte) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	bucket, q := in[2], r.URL.Query()
	status, there := s.storage.buckets[bucket]
	switch {
	case !there:
		return failure(http.StatusNotFound, "notFound", "The specified bucket does not exist.")
	case status != 0:
		return failure(status, "forbidden", "The caller does not have storage.objects.create access to the Google Cloud Storage object.")
	case in[1] != "" && q.Has("upload_id"):
		return s.chunk(r, body)
	case in[1] != "":
		return s.upload(bucket, r, body)
	}
	id := bucket + "/" + in[3]
	o, there := s.storage.objects[id]
	switch {
	case !there:
		return failure(http.StatusNotFound, "notFound", "No such object: "+id)
	case r.Method == http.MethodDelete:
		delete(s.storage.objects, id)
		return answer{status: http.StatusNoContent}
	case q.Get("alt") == "media":
		return answer{http.StatusOK, nil, o.data}
	default:
		return described(id, o)
	}
}

func (s *Server) upload(bucket string, r *http.Request, body []byte) answer {
	q := r.URL.Query()
	var meta struct{ Name, Md5Hash string }
	meta.Name = q.Get("name")
	data := body
	kind := q.Get("uploadType")
	var err error
	switch kind {
	case "multipart":
		var text []byte
		if text, data, err = related(r.Header.Get("Content-Type"), body); err == nil {
			err = json.Unmarshal(text, &meta)
		}
	case "resumable":
		err = json.Unmarshal(body, &meta)
	case "media":
	default:
		err = errors.New("uploadType is " + kind)
	}
	if err != nil || meta.Name == "" {
		return failure(http.StatusBadRequest, "invalid", fmt.Sprint("Required: a name and the content: ", err))
	}
	u := &session{id: bucket + "/" + meta.Name, md5: meta.Md5Hash, matches: q.Get("ifGenerationMatch"), data: data}
	if !s.may(u) {
		return conditionNotMet
	}
	if kind != "resumable" {
		return s.put(u)
	}
	u.data = nil
	id := strconv.Itoa(len(s.storage.sessions) + 1)
	s.storage.sessions[id] = u
	return answer{http.StatusOK, http.Header{"Location": {"http://" + r.Host + r.URL.Path + "?uploadType=resumable&upload_id=" + id}}, nil}
}

var conditionNotMet = failure(http.StatusPreconditionFailed, "conditionNotMet", "At least one of the pre-conditions you specified did not hold.")

// may reports whether the object is of the generation that the upload is made for.
func (s *Server) may(u *session) bool {
	return u.matches == "" || u.matches == strconv.FormatInt(s.storage.objects[u.id].generation, 10)
}

var contentRange = regexp.MustCompile(`^bytes (?:(\d+)-\d+|\*)/(\d+|\*)$`)

// chunk takes a part of a resumable upload. What has come already may come again.
func (s *Server) chunk(r *http.Request, body []byte) answer {
	u := s.storage.sessions[r.URL.Query().Get("upload_id")]
	in := contentRange.FindStringSubmatch(r.Header.Get("Content-Range"))
	if u == nil || in == nil {
		return failure(http.StatusBadRequest, "invalid", "no such upload, or no range of it")
	}
	if u.done {
		if o, there := s.storage.objects[u.id]; there {
			return described(u.id, o)
		}
		return failure(http.StatusGone, "gone", "the upload has ended")
	}
	at := len(u.data)
	if in[1] != "" {
		at, _ = strconv.Atoi(in[1])
	}
	if at > len(u.data) {
		return failure(http.StatusServiceUnavailable, "backendError", fmt.Sprintf("%d bytes have come, and these begin at %d", len(u.data), at))
	}
	u.data = append(u.data[:at:at], body...)
	if in[2] != strconv.Itoa(len(u.data)) {
		h := http.Header{"X-Http-Status-Code-Override": {"308"}}
		if len(u.data) > 0 {
			h.Set("Range", fmt.Sprintf("bytes=0-%d", len(u.data)-1))
		}
		return answer{http.StatusOK, h, nil}
	}
	if !s.may(u) {
		return conditionNotMet
	}
	u.done = true
	return s.put(u)
}

func (s *Server) put(u *session) answer {
	if u.md5 != "" && u.md5 != hashOf(u.data) {
		return failure(http.StatusBadRequest, "invalid", fmt.Sprintf("Provided MD5 hash %q doesn't match calculated MD5 hash %q.", u.md5, hashOf(u.data)))
	}
	s.storage.last++
	o := object{bytes.Clone(u.data), s.storage.last}
	s.storage.objects[u.id] = o
	return described(u.id, o)
}

func hashOf(data []byte) string {
	sum := md5.Sum(data)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// described is what there is to say of an object.
func described(id string, o object) answer {
	bucket, name, _ := strings.Cut(id, "/")
	body, _ := json.Marshal(map[string]string{ // of texts
		"kind": "storage#object", "bucket": bucket, "name": name, "generation": strconv.FormatInt(o.generation, 10),
		"size": strconv.Itoa(len(o.data)), "md5Hash": hashOf(o.data),
	})
	return answer{http.StatusOK, http.Header{"Content-Type": {"application/json"}}, body}
}

// related gives the two parts of an upload.
func related(contentType string, body []byte) (first, second []byte, err error) {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil, nil, err
	}
	parts := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for _, to := range []*[]byte{&first, &second} {
		p, err := parts.NextRawPart()
		if err != nil {
			return nil, nil, err
		}
		if *to, err = io.ReadAll(p); err != nil {
			return nil, nil, err
		}
	}
	return first, second, nil
}

// fromStorage asks the emulator, which has no storage, for a load job of an object as an upload of what is in it. It is false
// for a job that reads none.
func (s *Server) fromStorage(project string, c Call, r *http.Request, body []byte) (answer, bool) {
	var resource map[string]any
	if strings.HasPrefix(r.URL.Path, "/upload") || json.Unmarshal(body, &resource) != nil {
		return answer{}, false
	}
	configuration, _ := resource["configuration"].(map[string]any)
	load, _ := configuration["load"].(map[string]any)
	uris, _ := load["sourceUris"].([]any)
	if len(uris) == 0 {
		return answer{}, false
	}
	uri := fmt.Sprint(uris[0])
	s.mu.Lock()
	o, there := s.storage.objects[strings.TrimPrefix(uri, "gs://")]
	s.mu.Unlock()
	if !there || len(uris) > 1 { // the job is made, and fails
		failed := map[string]any{"reason": "notFound", "message": "Not found: URI " + uri}
		resource["status"] = map[string]any{"state": "DONE", "errorResult": failed, "errors": []any{failed}}
		text, _ := json.Marshal(resource) // it was read from JSON
		s.mu.Lock()
		s.jobs[project+":"+c.JobID] = job{id: c.JobID, request: project, ended: text}
		s.mu.Unlock()
		return answer{http.StatusOK, http.Header{"Content-Type": {"application/json"}}, text}, true
	}
	delete(load, "sourceUris")
	text, _ := json.Marshal(resource) // it was read from JSON
	var upload bytes.Buffer
	w := multipart.NewWriter(&upload)
	for _, part := range []struct {
		kind string
		text []byte
	}{{"application/json", text}, {"application/octet-stream", o.data}} {
		p, err := w.CreatePart(textproto.MIMEHeader{"Content-Type": {part.kind}})
		if err == nil {
			_, err = p.Write(part.text)
		}
		if err != nil {
			return failure(http.StatusInternalServerError, "internalError", err.Error()), true
		}
	}
	if err := w.Close(); err != nil {
		return failure(http.StatusInternalServerError, "internalError", err.Error()), true
	}
	r = r.Clone(r.Context())
	r.URL.RawQuery = "uploadType=multipart"
	r.Header.Set("Content-Type", "multipart/related; boundary="+w.Boundary())
	return s.forward(r, "/upload"+r.URL.Path, upload.Bytes()), true
}
