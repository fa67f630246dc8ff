-- Every named timestamp of the latest incidents.
with

{parts/latest_incidents}

select
    timestamps.incident_id,
    timestamps.name,
    timestamps.at
from latest
inner join {marts}fct_incident_timestamps as timestamps
    on latest.incident_id = timestamps.incident_id
where timestamps.at is not null
order by
    timestamps.incident_id,
    timestamps.at,
    timestamps.name
