-- The deployments that caused or fixed the latest incidents, and how that is known. A deployment of several services is a
-- row for each.
with

{parts/latest_incidents}

select
    links.incident_id,
    links.role,
    links.deployment_id,
    links.method,
    links.confidence,
    links.evidence,
    links.evidence_ja,
    links.decided_by,
    links.reason,
    deployments.service,
    deployments.repository,
    deployments.environment,
    deployments.sha,
    repositories.url || '/commit/' || deployments.sha as url,
    deployments.finished_at
from latest
inner join {marts}fct_incident_deployments as links
    on latest.incident_id = links.incident_id
left join {marts}fct_deployments as deployments
    on links.deployment_id = deployments.deployment_id
left join {marts}dim_repositories as repositories
    on deployments.repository = repositories.repository
order by
    links.incident_id,
    links.role,
    deployments.finished_at,
    links.deployment_id,
    deployments.service
