package summary

import (
	"fmt"
	"io"
	"strings"

	"fourfold/internal/render"
)

// loose prints a line each on what has loose ends: incidents whose cause is not known, follow-ups that are overdue, and
// drills; none where there are none.
func (s *summary) loose(w io.Writer) error {
	for _, line := range []func(io.Writer) error{s.unlinked, s.followUps, s.drills} {
		if err := line(w); err != nil {
			return err
		}
	}
	return nil
}

// unlinked tells of incidents in no change failure rate. Without deployments there is nothing to link.
func (s *summary) unlinked(w io.Writer) error {
	rows, err := s.all(`select count(*), count(decided_by), (select count(*) from fct_incidents where is_counted), (select count(*) from fct_deployments)
from fct_unlinked_incidents`)
	if err != nil || len(rows) == 0 {
		return err
	}
	n, decided, counted, deployments := number(rows[0][0]), number(rows[0][1]), rows[0][2], number(rows[0][3])
	if n == 0 || deployments == 0 {
		return nil
	}
	said := ""
	if decided > 0 {
		said = fmt.Sprintf(", %d of them by a person's decision", decided)
	}
	fmt.Fprintf(w, "Unlinked: %d of the %s incidents have no deployment that is known for their cause%s. What would link each:\n  %s sql \"select reference, reason, what_would_link from fct_unlinked_incidents order by started_at desc\"\n",
		n, render.Text(counted), said, s.command)
	return nil
}

// followUps tells what is overdue.
func (s *summary) followUps(w io.Writer) error {
	rows, err := s.all(`select open_count, overdue_count, completion_rate from rpt_follow_ups where dimension = 'all'`)
	if err != nil || len(rows) == 0 || number(rows[0][0]) == 0 {
		return err
	}
	by, err := s.all(`select dimension_value, overdue_count from rpt_follow_ups where dimension = 'team' and overdue_count > 0 order by overdue_count desc, dimension_value limit 5`)
	if err != nil {
		return err
	}
	var teams []string
	for _, x := range by {
		teams = append(teams, render.Text(x[0])+" "+render.Text(x[1]))
	}
	of := ""
	if len(teams) > 0 {
		of = " (" + strings.Join(teams, ", ") + ")"
	}
	fmt.Fprintf(w, "Follow-ups: %d of %d open ones are overdue%s; %s of all are completed. To be reminded of:\n  %s sql \"select * from rpt_follow_up_reminders order by position\"\n",
		number(rows[0][1]), number(rows[0][0]), of, decimal(rows[0][2], 100, " %"), s.command)
	return nil
}

// drills tells how practice went.
func (s *summary) drills(w io.Writer) error {
	rows, err := s.all(`select count(*), count(time_to_accept_seconds), median(time_to_accept_seconds), count(time_to_close_seconds), median(time_to_close_seconds)
from fct_drills`)
	if err != nil || len(rows) == 0 || number(rows[0][0]) == 0 {
		return err
	}
	x := rows[0]
	fmt.Fprintf(w, "Drills: %d, accepted after %s (median of %d), closed after %s (median of %d):\n  %s sql \"select * from fct_drills order by started_at desc\"\n",
		number(x[0]), Duration(x[2]), number(x[1]), Duration(x[4]), number(x[3]), s.command)
	return nil
}

func number(v any) int64 {
	n, _ := v.(int64)
	return n
}
