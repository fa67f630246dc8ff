-- Which counted deployments are rework (W): rollbacks, those that shipped a fix, those that shipped a hotfix or were
-- made of a hotfix branch; one row a deployment and service.
with

hotfixes as (
    select
        shipped.deployment_id,
        shipped.service,
        min(
            'hotfix ' || shipped.repository || '#' || cast(pulls.number as string) || ' (' || marks.mark || ')'
        ) as words
    from {{ ref('int_pull_requests_hotfix') }} as marks
    inner join {{ ref('stg_github__pull_requests') }} as pulls
        on marks.pull_request_id = pulls.pull_request_id
    inner join {{ ref('int_commits_shipped') }} as shipped
        on
            pulls.repository_id = shipped.repository_id
            and pulls.merge_oid = shipped.sha
    group by shipped.deployment_id, shipped.service
),

named as (
    select distinct
        deployment_id,
        coalesce({{ found('ref', '^refs/heads/(.+)$') }}, ref) as branch
    from {{ ref('int_deployments_judged') }}
    where is_counted
),

branches as (
    select distinct
        named.deployment_id,
        'hotfix branch ' || named.branch as words
    from named
    inner join {{ ref('config_hotfix') }} as config
        on
            config.kind = 'branch'
            and {{ matches('named.branch', 'config.value') }}
),

fixes as (
    select
        links.deployment_id,
        min('fix of ' || coalesce(incidents.reference, incidents.incident_id)) as words
    from {{ ref('int_incident_deployments_linked') }} as links
    inner join {{ ref('fct_incidents') }} as incidents
        on links.incident_id = incidents.incident_id
    where links.role = 'fix'
    group by links.deployment_id
),

final as (
    select
        deployments.deployment_id,
        deployments.service,
        'W ' || coalesce(
            case when deployments.kind = 'rollback' then 'rollback' end,
            fixes.words,
            hotfixes.words,
            branches.words
        ) as rework_reason
    from {{ ref('int_deployments_judged') }} as deployments
    left join fixes on deployments.deployment_id = fixes.deployment_id
    left join branches on deployments.deployment_id = branches.deployment_id
    left join hotfixes
        on
            deployments.deployment_id = hotfixes.deployment_id
            and deployments.service = hotfixes.service
    where
        deployments.is_counted
        and (
            deployments.kind = 'rollback'
            or fixes.deployment_id is not null
            or hotfixes.deployment_id is not null
            or branches.deployment_id is not null
        )
)

select * from final
