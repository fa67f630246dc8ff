-- Drills of the range, apart from all numbers.
select
    drills.incident_id,
    drills.reference,
    drills.name,
    drills.severity,
    drills.started_at,
    drills.time_to_accept_seconds,
    drills.time_to_close_seconds
from {marts}fct_drills as drills
where
    drills.started_at >= @from_at
    and drills.started_at < @to_at
    and (@severity = '' or drills.severity = @severity)
order by
    drills.started_at desc,
    drills.incident_id
limit @row_limit
