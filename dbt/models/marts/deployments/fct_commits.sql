with

joined as (
    select
        deployed.sha,
        deployed.repository,
        deployed.service,
        deployed.authored_at,
        deployed.deployed_at,
        deployed.deployment_id,
        case
            when pulls.number is not null then deployed.repository || '#' || cast(pulls.number as string)
            when not deployed.is_merge then deployed.repository || '@' || deployed.sha
        end as change_id,
        case
            when deployed.deployed_at >= deployed.authored_at and not deployed.is_merge and not deployed.follows_unknown
                then {{ seconds_between('deployed.authored_at', 'deployed.deployed_at') }}
        end as lead_time_seconds,
        deployed.is_merge,
        deployed.follows_unknown
    from {{ ref('int_commits_deployed') }} as deployed
    left join {{ ref('stg_github__pull_requests') }} as pulls
        on deployed.pull_request_id = pulls.pull_request_id
),

judged as (
    select
        joined.*,
        case
            when joined.is_merge then 'C2 merge commit'
            when joined.follows_unknown then 'C6 after a deployment of an unknown commit'
            when joined.authored_at is null then 'C5 authored time unknown'
            when joined.lead_time_seconds is null then 'C5 deployed before it was authored'
        end as exclusion_reason
    from joined
)

select
    sha,
    repository,
    service,
    authored_at,
    deployed_at,
    deployment_id,
    change_id,
    lead_time_seconds,
    exclusion_reason is null as is_counted,
    exclusion_reason,
    {{ build_id() }} as build_id
from judged
