-- The failed deployments of the range, each once, as the change failure rate counts them: in which services, why each counts as
-- failed, and the incidents that it caused. Those of another member of its group are its own (D5).
with

counted as (
    select
        deployments.deployment_id,
        deployments.repository,
        deployments.sha,
        deployments.url,
        deployments.finished_at,
        deployments.is_change_failure,
        deployments.failure_reason,
        deployments.recovered_at,
        deployments.recovery_seconds,
        row_number() over (
            partition by deployments.deployment_id
            order by deployments.finished_at, coalesce(deployments.service, '')
        ) as place
    from {marts}fct_deployments as deployments
    where
        deployments.is_counted
        and {parts/deployments_of_range}
),

failed as (
    select
        deployment_id,
        repository,
        sha,
        url,
        finished_at,
        failure_reason,
        recovered_at,
        recovery_seconds
    from counted
    where place = 1 and is_change_failure
),

placed as (
    select
        failed.deployment_id,
        deployments.service,
        deployments.team,
        deployments.group_id,
        deployments.environment
    from failed
    inner join {marts}fct_deployments as deployments
        on failed.deployment_id = deployments.deployment_id
    where deployments.is_counted
),

members as (
    select
        deployment_id,
        deployment_id as member_id
    from failed
    union all
    select
        placed.deployment_id,
        deployments.deployment_id as member_id
    from placed
    inner join {marts}fct_deployments as deployments
        on
            placed.group_id = deployments.group_id
            and placed.service = deployments.service
            and placed.environment = deployments.environment
),

causes as (
    select
        members.deployment_id,
        incidents.incident_id,
        coalesce(incidents.reference, incidents.incident_id) as reference,
        coalesce(incidents.permalink, '') as permalink,
        incidents.started_at,
        max(case links.confidence when 'high' then 3 when 'medium' then 2 else 1 end) as sureness
    from members
    inner join {marts}fct_incident_deployments as links
        on members.member_id = links.deployment_id
    inner join {marts}fct_incidents as incidents
        on links.incident_id = incidents.incident_id
    where links.role = 'cause' and incidents.is_counted
    group by
        members.deployment_id,
        incidents.incident_id,
        incidents.reference,
        incidents.permalink,
        incidents.started_at
),

caused as (
    select
        deployment_id,
        string_agg(reference, ', ' order by started_at, incident_id) as incident_references,
        string_agg(permalink, ', ' order by started_at, incident_id) as incident_permalinks,
        string_agg(incident_id, ', ' order by started_at, incident_id) as incident_ids,
        case max(sureness) when 3 then 'high' when 2 then 'medium' else 'low' end as confidence
    from causes
    group by deployment_id
),

owners as (
    select
        deployment_id,
        string_agg(distinct service, ', ' order by service) as services,
        string_agg(distinct team, ', ' order by team) as teams
    from placed
    group by deployment_id
)

select
    failed.deployment_id,
    owners.services,
    owners.teams,
    failed.repository,
    failed.sha,
    failed.url,
    failed.finished_at,
    failed.failure_reason,
    failed.recovered_at,
    failed.recovery_seconds,
    caused.incident_references,
    caused.confidence,
    caused.incident_ids,
    caused.incident_permalinks
from failed
inner join owners
    on failed.deployment_id = owners.deployment_id
left join caused
    on failed.deployment_id = caused.deployment_id
order by
    failed.finished_at desc,
    failed.deployment_id desc
limit @row_limit
