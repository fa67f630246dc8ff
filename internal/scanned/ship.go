package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"fourfold/internal/config"
	"fourfold/internal/pipeline"
	"fourfold/load/bigquery"
)

// shipStatements are what the walk over the commit graph asks of the ledgers: it is walked through dry runs, which are answered
// and kept.
func shipStatements(ctx context.Context, dir string) ([]statement, error) {
	var kept recorder
	server := httptest.NewServer(&kept)
	defer server.Close()
	c, err := bigquery.Connect(ctx, bigquery.Options{Project: project, Dataset: dataset, Endpoint: server.URL})
	if err != nil {
		return nil, err
	}
	defer c.Close()
	// A configuration names its secrets; nobody is asked with them here.
	cfg, err := config.Load(filepath.Join(dir, config.DefaultFile), func(string) (string, bool) { return "none", true })
	if err != nil {
		return nil, err
	}
	store := bigquery.EstimateShip(c, time.Now())
	if err := pipeline.Ship(ctx, cfg, store); err != nil {
		return nil, err
	}
	if _, err := store.Estimated(ctx); err != nil {
		return nil, err
	}
	return kept.statements, kept.err
}

// recorder answers dry runs, and keeps what they ask with values in place of the parameters.
type recorder struct {
	mu         sync.Mutex
	statements []statement
	err        error
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	var job struct {
		Configuration struct {
			DryRun bool
			Query  struct {
				Query           string
				QueryParameters []struct {
					ParameterType struct {
						Type      string
						ArrayType struct{ Type string }
					}
				}
			}
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	body, err := io.ReadAll(req.Body)
	if err == nil {
		err = json.Unmarshal(body, &job)
	}
	if err == nil && !job.Configuration.DryRun {
		err = fmt.Errorf("the commit graph asks %s %s, which is no dry run", req.Method, req.URL.Path)
	}
	q := job.Configuration.Query
	sql := q.Query
	for _, p := range q.QueryParameters {
		kind := p.ParameterType.Type
		if kind == "ARRAY" {
			kind = "array<" + p.ParameterType.ArrayType.Type + ">"
		}
		sql = strings.Replace(sql, "?", "cast(null as "+kind+")", 1)
	}
	if err != nil {
		r.err = err
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	// Titles are hashed where commits are read.
	name := fmt.Sprintf("commit graph %d", len(r.statements)+1)
	if strings.Contains(sql, "farm_fingerprint") {
		name = commitsOfGraph
	}
	r.statements = append(r.statements, statement{Name: name, SQL: sql, kind: "ship"})
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{ // who asked is told by what it then lacks
		"jobReference": map[string]any{"projectId": project, "jobId": "dry"}, "configuration": map[string]any{"dryRun": true, "query": map[string]any{"query": "q"}},
		"status":     map[string]any{"state": "DONE"},
		"statistics": map[string]any{"totalBytesProcessed": "0", "query": map[string]any{"totalBytesProcessed": "0", "statementType": "SELECT"}},
	})
}

// commitsOfGraph is the query that reads commits, commitsAtOnce of them at a time. Each asks for a range of ids, and skips what is
// clustered apart: that depends on how large a day's partition is, so that each is counted as if it read the whole ledger.
const (
	commitsOfGraph = "commit graph, the commits"
	commitsAtOnce  = 1_000_000
)
