-- Which counted deployments are rework (W): rollbacks, those that shipped a fix, those that shipped a hotfix or were
-- made of a hotfix branch; one row a deployment and service. What a member of a group is, its counted one is (D5).
with

members as (
    select
        deployment_id,
        service,
        counted_deployment_id,
        kind,
        coalesce({{ found('ref', '^refs/heads/(.+)$') }}, ref) as branch,
        case when deployment_id <> counted_deployment_id then ' by ' || deployment_id else '' end as by_member
    from {{ ref('int_deployments_judged') }}
    where counted_deployment_id is not null
),

rollbacks as (
    select
        deployment_id,
        service,
        1 as position,
        'rollback' as words
    from members
    where kind = 'rollback'
),

fixes as (
    select distinct
        links.deployment_id,
        members.service,
        2 as position,
        'fix of ' || coalesce(incidents.reference, incidents.incident_id) as words
    from {{ ref('int_incident_deployments_linked') }} as links
    inner join {{ ref('fct_incidents') }} as incidents
        on links.incident_id = incidents.incident_id
    inner join members on links.deployment_id = members.deployment_id
    where links.role = 'fix'
),

hotfixes as (
    select
        shipped.deployment_id,
        shipped.service,
        3 as position,
        'hotfix ' || shipped.repository || '#' || cast(pulls.number as string) || ' (' || marks.mark || ')' as words
    from {{ ref('int_pull_requests_hotfix') }} as marks
    inner join {{ ref('stg_github__pull_requests') }} as pulls
        on marks.pull_request_id = pulls.pull_request_id
    inner join {{ ref('int_pull_requests_shipped') }} as shipped
        on marks.pull_request_id = shipped.pull_request_id
),

names as (
    select distinct branch
    from members
    where branch is not null
),

hotfix_names as (
    select distinct names.branch
    from names
    inner join {{ ref('config_hotfix') }} as config
        on
            config.kind = 'branch'
            and {{ matches('names.branch', 'config.value') }}
),

branches as (
    select
        members.deployment_id,
        members.service,
        4 as position,
        'hotfix branch ' || members.branch as words
    from members
    inner join hotfix_names on members.branch = hotfix_names.branch
),

marks as (
    select * from rollbacks
    union all
    select * from fixes
    union all
    select * from hotfixes
    union all
    select * from branches
),

final as (
    select
        members.counted_deployment_id as deployment_id,
        members.service,
        'W ' || marks.words || members.by_member as rework_reason
    from marks
    inner join members
        on
            marks.deployment_id = members.deployment_id
            and marks.service = members.service
    where true
    qualify
        row_number() over (
            partition by members.counted_deployment_id, members.service
            order by marks.position, marks.words, members.by_member
        ) = 1
)

select * from final
