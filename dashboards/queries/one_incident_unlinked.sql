-- Why one counted incident has no cause, and what would link it; the nearest deployment as its first service has it.
select
    unlinked.reason,
    unlinked.reason_ja,
    unlinked.nearest_deployment_id,
    unlinked.nearest_seconds,
    unlinked.what_would_link,
    unlinked.what_would_link_ja,
    unlinked.decided_by,
    unlinked.decision_reason,
    deployments.service,
    deployments.repository,
    deployments.sha,
    deployments.finished_at
from {marts}fct_unlinked_incidents as unlinked
left join {marts}fct_deployments as deployments
    on unlinked.nearest_deployment_id = deployments.deployment_id
where unlinked.incident_id = @incident
order by deployments.service
limit 1
