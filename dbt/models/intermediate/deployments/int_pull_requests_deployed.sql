-- When each merged pull request was first before the users of each service: shipped by a deployment, or there already
-- when the first known one came (C2, C4, C7).
with

arrivals as (
    select
        pull_request_id,
        service,
        deployment_id,
        source_id,
        created_at,
        finished_at,
        follows_unknown,
        false as is_baseline
    from {{ ref('int_pull_requests_shipped') }}
    union all
    select
        pull_request_id,
        service,
        deployment_id,
        source_id,
        created_at,
        finished_at,
        false as follows_unknown,
        true as is_baseline
    from {{ ref('int_pull_requests_had_before') }}
),

final as (
    select
        pull_request_id,
        service,
        case when not is_baseline then deployment_id end as deployment_id,
        case when not is_baseline then finished_at end as deployed_at,
        follows_unknown,
        is_baseline
    from arrivals
    where true
    qualify
        row_number() over (
            partition by pull_request_id, service
            order by finished_at, created_at, {{ sortable('source_id') }}, deployment_id
        ) = 1
)

select * from final
