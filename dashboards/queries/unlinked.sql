-- Counted incidents of the range without a deployment that caused them, and what would link each.
select
    unlinked.incident_id,
    unlinked.reference,
    incidents.permalink,
    unlinked.started_at,
    unlinked.services,
    unlinked.reason,
    unlinked.reason_ja,
    unlinked.nearest_deployment_id,
    unlinked.nearest_seconds,
    unlinked.what_would_link,
    unlinked.what_would_link_ja
from {marts}fct_unlinked_incidents as unlinked
inner join {marts}fct_incidents as incidents
    on unlinked.incident_id = incidents.incident_id
where
    unlinked.started_at >= @from_at
    and unlinked.started_at < @to_at
    and {parts/incident_filter}
order by
    unlinked.started_at desc,
    unlinked.incident_id
limit @row_limit
