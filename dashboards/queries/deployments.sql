-- The deployments of the range, a row for each service, with what they count for and why.
select
    deployments.deployment_id,
    deployments.service,
    deployments.team,
    deployments.repository,
    deployments.environment,
    deployments.sha,
    deployments.ref,
    deployments.url,
    deployments.created_at,
    deployments.finished_at,
    deployments.status,
    deployments.kind,
    deployments.previous_deployment_id,
    deployments.culprit_deployment_id,
    deployments.commits_shipped,
    deployments.changes_shipped,
    deployments.is_counted,
    deployments.exclusion_reason,
    deployments.is_change_failure,
    deployments.failure_reason,
    deployments.is_rework,
    deployments.rework_reason,
    deployments.recovered_at,
    deployments.recovery_seconds
from {marts}fct_deployments as deployments
where {parts/deployments_of_range}
order by
    coalesce(deployments.finished_at, deployments.created_at) desc,
    deployments.deployment_id desc,
    deployments.service
limit @row_limit
