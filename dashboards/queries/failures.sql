-- The failed deployments of the range, why each counts as failed, and what it caused.
select
    deployments.deployment_id,
    deployments.service,
    deployments.team,
    deployments.repository,
    deployments.sha,
    deployments.url,
    deployments.finished_at,
    deployments.failure_reason,
    deployments.recovered_at,
    deployments.recovery_seconds,
    links.incident_id,
    incidents.reference,
    incidents.permalink,
    links.method,
    links.confidence
from {marts}fct_deployments as deployments
left join {marts}fct_incident_deployments as links
    on deployments.deployment_id = links.deployment_id and links.role = 'cause'
left join {marts}fct_incidents as incidents
    on links.incident_id = incidents.incident_id
where
    deployments.is_change_failure
    and {parts/deployments_of_range}
order by
    deployments.finished_at desc,
    deployments.deployment_id,
    deployments.service,
    links.incident_id
limit @row_limit
