-- How long after its deployment each incident of the range that a deployment caused began, and how that is known.
select
    incidents.incident_id,
    incidents.reference,
    incidents.permalink,
    coalesce(incidents.severity, '') as severity,
    links.deployment_id,
    links.method,
    links.confidence,
    incidents.started_at,
    links.evidence,
    links.evidence_ja
from {marts}fct_incident_deployments as links
inner join {marts}fct_incidents as incidents
    on links.incident_id = incidents.incident_id
where
    links.role = 'cause'
    and incidents.started_at >= @from_at
    and incidents.started_at < @to_at
    and {parts/incident_filter}
order by
    incidents.started_at desc,
    incidents.incident_id,
    links.deployment_id
limit @row_limit
