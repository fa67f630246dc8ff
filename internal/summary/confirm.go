package summary

import (
	"fmt"
	"io"
	"time"

	"fourfold/internal/render"
)

// The rows behind every number of the keys, put together without the metric template. One that lives in several services
// counts once in total: at the earliest.
const (
	confirmTotals = `select metric, count(*) as n, count(*) / %d.0 as per_day, avg(numerator) as rate, median(value) as median from (select distinct on (metric, object_id) * from fct_measures as m where object_type <> 'incident' order by metric, object_id, m.at, coalesce(service, '')) where local_date >= '%s' group by metric order by metric`

	confirmServices = `select service, metric, count(*) as n, count(*) / %d.0 as per_day, avg(numerator) as rate, median(value) as median from fct_measures where object_type <> 'incident' and service is not null and local_date >= '%s' group by service, metric order by service, metric`
)

// confirm prints the commands that lead from the keys to what they are made of.
func (s *summary) confirm(w io.Writer, from time.Time) error {
	first, err := s.all(`select cast(min(local_date) as varchar) from fct_measures where object_type <> 'incident'`)
	if err != nil {
		return err
	}
	days := keyDays
	if len(first) == 1 {
		if d, err := time.Parse(time.DateOnly, render.Text(first[0][0])); err == nil && d.After(from) {
			days = int(s.asOfDate.Sub(d).Hours()/24) + 1 // a frequency is of the days since the first data
		}
	}
	date := from.Format(time.DateOnly)
	fmt.Fprintln(w, "Confirm each: the rows that it is made of, and those left out, with the rules. Of one service with --service NAME.")
	for _, metric := range keyOrder {
		fmt.Fprintf(w, "  %s explain metric %s --from %s --to %s\n", s.command, metric, date, s.asOfDate.Format(time.DateOnly))
	}
	fmt.Fprintf(w, "Or by SQL of your own, in total and by service:\n  %s sql \"%s\"\n  %s sql \"%s\"\n", s.command, fmt.Sprintf(confirmTotals, days, date), s.command, fmt.Sprintf(confirmServices, days, date))
	failed, err := s.all(`select deployment_id, failure_reason from fct_deployments where is_change_failure order by finished_at desc, deployment_id desc, service limit 1`)
	if err != nil {
		return err
	}
	change, err := s.all(`select change_id from fct_changes where is_counted order by deployed_at desc, change_id desc, service limit 1`)
	if err != nil {
		return err
	}
	caused, err := s.all(`select i.reference from fct_incident_deployments as l join fct_incidents as i on l.incident_id = i.incident_id
where l.role = 'cause' order by i.started_at desc, i.incident_id desc limit 1`)
	if err != nil {
		return err
	}
	fmt.Fprintln(w, "And what stands behind a row:")
	for _, x := range failed {
		fmt.Fprintf(w, "  %s explain deployment %s   # the latest that failed: %s\n", s.command, render.Text(x[0]), render.Text(x[1]))
	}
	for _, x := range change {
		fmt.Fprintf(w, "  %s explain change '%s'   # the latest with a lead time\n", s.command, render.Text(x[0]))
	}
	for _, x := range caused {
		fmt.Fprintf(w, "  %s explain incident %s   # the latest with a known cause\n", s.command, render.Text(x[0]))
	}
	fmt.Fprintln(w)
	return nil
}
