-- The incidents that one deployment caused or fixed, and how that is known.
select
    links.incident_id,
    links.role,
    links.method,
    links.confidence,
    links.evidence,
    links.evidence_ja,
    links.decided_by,
    links.reason,
    incidents.reference,
    incidents.name,
    incidents.permalink,
    incidents.severity,
    incidents.status,
    incidents.status_category,
    incidents.started_at,
    incidents.restored_at,
    incidents.time_to_restore_seconds,
    incidents.is_counted,
    incidents.exclusion_reason
from {marts}fct_incident_deployments as links
inner join {marts}fct_incidents as incidents
    on links.incident_id = incidents.incident_id
where links.deployment_id = @deployment
order by
    links.role,
    incidents.started_at,
    links.incident_id
limit @row_limit
