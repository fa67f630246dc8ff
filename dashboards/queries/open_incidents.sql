-- Incidents that have not been restored, the oldest first.
select
    incidents.incident_id,
    incidents.reference,
    incidents.name,
    incidents.permalink,
    incidents.severity,
    incidents.status,
    incidents.lead,
    incidents.started_at,
    incidents.acknowledged_at
from {marts}fct_incidents as incidents
where
    incidents.is_counted
    and incidents.restored_at is null
    and incidents.status_category in ('triage', 'live', 'paused')
    and {parts/incident_filter}
order by
    incidents.started_at,
    incidents.incident_id
limit @row_limit
