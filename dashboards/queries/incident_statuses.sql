-- Every stay in a status of the latest incidents.
with

{parts/latest_incidents}

select
    stays.incident_id,
    stays.status,
    stays.status_category,
    stays.started_at,
    stays.ended_at,
    stays.seconds
from latest
inner join {marts}fct_incident_status_intervals as stays
    on latest.incident_id = stays.incident_id
order by
    stays.incident_id,
    stays.started_at,
    coalesce(stays.ended_at, @as_of),
    stays.status
