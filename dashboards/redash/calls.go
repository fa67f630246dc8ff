package redash

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Session is who the key belongs to, and where.
type Session struct {
	User struct {
		ID   int    `json:"id"`
		Name string `json:"name"`
	} `json:"user"`
	Client struct {
		Version string `json:"version"`
	} `json:"client_config"`
}

// DataSource is a data source of the server.
type DataSource struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"`
}

// owner is whose an object is.
type owner struct {
	UserID int `json:"user_id"`
	User   struct {
		ID int `json:"id"`
	} `json:"user"`
}

func (o owner) id() int {
	if o.User.ID != 0 {
		return o.User.ID
	}
	return o.UserID
}

// Schedule is how often a query is run. All its keys have to be there, or the scheduler turns it off.
type Schedule struct {
	Interval  int     `json:"interval"` // seconds
	Time      *string `json:"time"`
	Until     *string `json:"until"`
	DayOfWeek *string `json:"day_of_week"`
}

// remoteQuery is a query as the server has it.
type remoteQuery struct {
	owner
	ID             int             `json:"id"`
	Name           string          `json:"name"`
	Description    string          `json:"description"`
	SQL            string          `json:"query"`
	DataSource     int             `json:"data_source_id"`
	Options        map[string]any  `json:"options"`
	Schedule       map[string]any  `json:"schedule"`
	Tags           []string        `json:"tags"`
	Draft          bool            `json:"is_draft"`
	Archived       bool            `json:"is_archived"`
	Version        int             `json:"version"`
	Visualizations []*remoteVisual `json:"visualizations"`
}

type remoteVisual struct {
	ID          int            `json:"id"`
	Type        string         `json:"type"`
	Name        string         `json:"name"`
	Description string         `json:"description"`
	Options     map[string]any `json:"options"`
}

// remoteDashboard is a dashboard as the server has it. A list gives it without its widgets.
type remoteDashboard struct {
	owner
	ID       int             `json:"id"`
	Name     string          `json:"name"`
	Options  map[string]any  `json:"options"`
	Tags     []string        `json:"tags"`
	Draft    bool            `json:"is_draft"`
	Archived bool            `json:"is_archived"`
	Version  int             `json:"version"`
	Widgets  []*remoteWidget `json:"widgets"`
}

type remoteWidget struct {
	ID            int            `json:"id"`
	Text          string         `json:"text"`
	Options       map[string]any `json:"options"`
	Visualization *struct {
		ID int `json:"id"`
	} `json:"visualization"`
}

// body is what a call writes.
type body map[string]any

// Session asks who the key belongs to.
func (c *Client) Session(ctx context.Context) (Session, error) {
	var s Session
	err := c.get(ctx, "/api/session", nil, &s)
	if status(err) == http.StatusNotFound {
		return s, fmt.Errorf("%w: the server answers so if the key is wrong, and also if the address is not that of a Redash (with its organisation, if it has several)", err)
	}
	return s, err
}

// DataSources lists those that the user sees.
func (c *Client) DataSources(ctx context.Context) ([]DataSource, error) {
	var out []DataSource
	err := c.get(ctx, "/api/data_sources", nil, &out)
	if status(err) >= 500 {
		return nil, fmt.Errorf("%w: the server cannot list its data sources; it answers so while another process holds the file of a DuckDB data source open: "+
			"give that data source the path :memory:, since queries attach redash.duckdb_copy themselves", err)
	}
	return out, err
}

const pageSize = 100

// list reads all pages of a list. A page beyond the end is an error of the server, so it goes by the count.
func list[T any](ctx context.Context, c *Client, path string, query url.Values) ([]T, error) {
	var all []T
	query.Set("page_size", strconv.Itoa(pageSize))
	query.Set("order", "created_at")
	for page := 1; ; page++ {
		query.Set("page", strconv.Itoa(page))
		var p struct {
			Count   int `json:"count"`
			Results []T `json:"results"`
		}
		if err := c.get(ctx, path, query, &p); err != nil {
			return nil, err
		}
		all = append(all, p.Results...)
		if page*pageSize >= p.Count || len(p.Results) == 0 {
			return all, nil
		}
	}
}

func (c *Client) query(ctx context.Context, id int) (*remoteQuery, error) {
	q := &remoteQuery{}
	return q, c.get(ctx, "/api/queries/"+strconv.Itoa(id), nil, q)
}

func (c *Client) dashboard(ctx context.Context, id int) (*remoteDashboard, error) {
	d := &remoteDashboard{}
	return d, c.get(ctx, "/api/dashboards/"+strconv.Itoa(id), nil, d)
}

// job is a run of a query.
type job struct {
	ID     string `json:"id"`
	Status int    `json:"status"` // 1 queued, 2 started, 3 done, 4 failed, 5 cancelled
	Error  string `json:"error"`
}

// QueryError is a query that ran and failed, or did not run at all.
type QueryError struct{ Reason string }

func (e *QueryError) Error() string { return e.Reason }

// run runs a query with the values of its parameters and waits for its end, for some time.
func (c *Client) run(ctx context.Context, id int, values map[string]any, patience time.Duration) error {
	var out struct{ Job job }
	call := "/api/queries/" + strconv.Itoa(id) + "/results"
	if err := c.post(ctx, call, body{"parameters": values, "max_age": 0}, &out); err != nil {
		return err
	}
	j := out.Job
	if j.ID == "" {
		return nil // the answer is a result that was there
	}
	pause := 100 * time.Millisecond
	for waited := time.Duration(0); ; waited += pause {
		switch j.Status {
		case 3:
			return nil
		case 4, 5:
			return &QueryError{c.redact(short(j.Error))}
		}
		if waited >= patience {
			reason := "is still running"
			if j.Status == 1 {
				reason = "waits for a worker, of which the server may have none"
			}
			return &QueryError{fmt.Sprintf("after %s it %s", patience, reason)}
		}
		pause = min(pause*2, 5*time.Second, max(patience-waited, 100*time.Millisecond))
		if err := c.sleep(ctx, pause); err != nil {
			return err
		}
		if err := c.get(ctx, "/api/jobs/"+j.ID, nil, &out); err != nil {
			return err
		}
		j = out.Job
	}
}
