-- The post-mortems of one incident.
select
    postmortems.postmortem_id,
    postmortems.title,
    postmortems.status,
    postmortems.url,
    postmortems.created_at,
    postmortems.seconds_after_restoration
from {marts}fct_postmortems as postmortems
where postmortems.incident_id = @incident
order by
    coalesce(postmortems.created_at, @as_of),
    postmortems.postmortem_id
