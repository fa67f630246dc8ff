-- Counted changes of the range that have a lead time, each once, at the service that had it first (C7), in their phases.
kept as (
    select
        changes.change_id,
        changes.deployed_at,
        changes.coding_seconds,
        changes.review_seconds,
        changes.deploy_seconds,
        row_number() over (
            partition by changes.change_id
            order by changes.deployed_at, changes.service
        ) as place
    from {marts}fct_changes as changes
    where
        changes.is_counted
        and changes.lead_time_seconds is not null
        and {parts/change_filter}
),

phases as (
    select
        change_id,
        deployed_at,
        'coding' as phase,
        coding_seconds as seconds
    from kept
    where place = 1 and coding_seconds is not null
    union all
    select
        change_id,
        deployed_at,
        'review' as phase,
        review_seconds as seconds
    from kept
    where place = 1 and review_seconds is not null
    union all
    select
        change_id,
        deployed_at,
        'deploy' as phase,
        deploy_seconds as seconds
    from kept
    where place = 1 and deploy_seconds is not null
)
