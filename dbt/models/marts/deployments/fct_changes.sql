{%- set start = "coalesce(least(first_commit_at, opened_at), first_commit_at, opened_at)" -%}

with

timed as (
    select
        changes.*,
        {{ start }} as started_at
    from {{ ref('int_changes_collected') }} as changes
),

measured as (
    select
        timed.*,
        team.team,
        case
            when timed.deployed_at >= timed.started_at and not timed.follows_unknown
                then {{ seconds_between('timed.started_at', 'timed.deployed_at') }}
        end as lead_time_seconds
    from timed
    left join {{ source('ship', 'ship_services') }} as team
        on timed.service = team.service
),

judged as (
    select
        measured.*,
        case
            when measured.is_baseline then 'C2 live before the first known deployment'
            when measured.kind = 'pull_request' and not measured.is_known then 'C6 merge commit unknown'
            when measured.deployed_at is null then 'C4 not deployed yet'
            when measured.follows_unknown then 'C6 after a deployment of an unknown commit'
            when measured.started_at is null then 'C5 start unknown'
            when measured.lead_time_seconds is null then 'C5 deployed before it was begun'
        end as exclusion_reason
    from measured
)

select
    change_id,
    kind,
    repository,
    service,
    team,
    pull_request,
    sha,
    merge_sha,
    title,
    url,
    is_bot,
    first_commit_at,
    opened_at,
    first_review_at,
    merged_at,
    deployed_at,
    deployment_id,
    lead_time_seconds,
    case
        when kind = 'pull_request' and opened_at >= started_at
            then {{ seconds_between('started_at', 'opened_at') }}
    end as coding_seconds,
    case
        when merged_at >= opened_at
            then {{ seconds_between('opened_at', 'merged_at') }}
    end as review_seconds,
    case
        when deployed_at >= merged_at and not follows_unknown
            then {{ seconds_between('merged_at', 'deployed_at') }}
    end as deploy_seconds,
    exclusion_reason is null as is_counted,
    exclusion_reason,
    {{ build_id() }} as build_id
from judged
