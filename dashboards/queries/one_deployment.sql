-- One deployment, a row for each service that took it, with the ones before and after it there, and what took it back.
select
    deployments.deployment_id,
    deployments.source,
    deployments.aliases,
    deployments.group_id,
    deployments.repository,
    deployments.service,
    deployments.team,
    deployments.environment,
    deployments.sha,
    deployments.ref,
    deployments.url,
    repositories.url as repository_url,
    deployments.created_at,
    deployments.finished_at,
    deployments.status,
    deployments.kind,
    deployments.is_diverged,
    deployments.previous_deployment_id,
    earlier.sha as previous_sha,
    earlier.finished_at as previous_finished_at,
    later.deployment_id as next_deployment_id,
    later.sha as next_sha,
    later.finished_at as next_finished_at,
    deployments.culprit_deployment_id,
    undone.deployment_id as undone_by_deployment_id,
    undone.finished_at as undone_at,
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
left join {marts}dim_repositories as repositories
    on deployments.repository = repositories.repository
left join {marts}fct_deployments as earlier
    on
        deployments.previous_deployment_id = earlier.deployment_id
        and deployments.service = earlier.service
left join {marts}fct_deployments as later
    on
        deployments.deployment_id = later.previous_deployment_id
        and deployments.service = later.service
left join {marts}fct_deployments as undone
    on
        deployments.deployment_id = undone.culprit_deployment_id
        and deployments.service = undone.service
where deployments.deployment_id = @deployment
order by
    deployments.service,
    later.finished_at,
    later.deployment_id,
    undone.finished_at,
    undone.deployment_id
limit @row_limit
