package incidentio

import (
	"fmt"
	"strconv"
)

// answer builds the answers about incidents and what hangs on them; ok is false for what the organisation answers.
func (p *prePaged) answer(c *call) (body []byte, ok bool, err *apiError) {
	switch c.endpoint.Path {
	case "/v2/incidents":
		body, err = p.incidentPage(c.query)
	case "/v2/incidents/{id}":
		i, here := p.index(c.params["id"], 1)
		if n, bad := strconv.Atoi(c.params["id"]); bad == nil {
			i, here = n-1, n >= 1 && n <= p.n
		}
		if !here {
			return nil, true, notFound("The incident")
		}
		body = append(p.incident([]byte(`{"incident":`), i), '}')
	case "/v2/incident_updates":
		body, err = p.updatePage(c.query)
	case "/v1/incident_attachments":
		if id := c.query.values["incident_id"]; id != "" {
			if _, here := p.index(id, 1); !here {
				return nil, true, notFound("The incident")
			}
			return []byte(`{"incident_attachments":[]}`), true, nil
		}
		return nil, false, nil
	default:
		return nil, false, nil
	}
	return body, true, err
}

func (p *prePaged) incidentPage(q *query) ([]byte, *apiError) {
	from, to, err := p.between(q.filters)
	if err != nil {
		return nil, err
	}
	total := to - from
	oldest := q.values["sort_by"] == "created_at_oldest_first"
	if q.after != "" {
		k, here := p.index(q.after, 1)
		switch {
		case !here:
			return nil, invalid("after", "invalid_value", "after names no incident")
		case oldest:
			from = max(from, k+1)
		default:
			to = min(to, k)
		}
	}
	count := max(0, min(q.pageSize, to-from))
	b := make([]byte, 0, 200+count*(p.pad+2000))
	b = append(b, `{"incidents":[`...)
	last := 0
	for n := range count {
		last = from + n
		if !oldest {
			last = to - 1 - n
		}
		if n > 0 {
			b = append(b, ',')
		}
		b = p.incident(b, last)
	}
	b = fmt.Appendf(b, `],"pagination_meta":{"page_size":%d,"total_record_count":%d`, q.pageSize, total)
	if to-from > count {
		b = fmt.Appendf(b, `,"after":%q`, p.id(last))
	}
	return append(b, "}}"...), nil
}

func (p *prePaged) updatePage(q *query) ([]byte, *apiError) {
	from, to := 0, 2*p.n
	if id := q.values["incident_id"]; id != "" {
		i, here := p.index(id, 1)
		from, to = 2*i, 2*i+2
		if !here {
			from, to = 0, 0
		}
	}
	if q.after != "" {
		k, here := p.index(q.after, 2)
		if !here {
			return nil, invalid("after", "invalid_value", "after names no update")
		}
		from = max(from, k+1)
	}
	count := max(0, min(q.pageSize, to-from))
	b := make([]byte, 0, 200+count*1000)
	b = append(b, `{"incident_updates":[`...)
	for n := range count {
		if n > 0 {
			b = append(b, ',')
		}
		b = p.update(b, from+n)
	}
	b = fmt.Appendf(b, `],"pagination_meta":{"page_size":%d`, q.pageSize)
	if to-from > count {
		b = fmt.Appendf(b, `,"after":%q`, p.updateID(from+count-1))
	}
	return append(b, "}}"...), nil
}
