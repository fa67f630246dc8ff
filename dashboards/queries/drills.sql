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
inner join {marts}fct_incidents as incidents
    on drills.incident_id = incidents.incident_id
where
    drills.started_at >= @from_at
    and drills.started_at < @to_at
    and {parts/incident_filter}
order by
    drills.started_at desc,
    drills.incident_id
limit @row_limit
