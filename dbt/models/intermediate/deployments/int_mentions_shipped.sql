-- The production deployments that shipped the pull requests and commits that incidents name, before or after the
-- incident's start (L1, L2). `was_there` says that a baseline had it before the start.
with

incidents as (
    select
        incident_id,
        started_at
    from {{ ref('fct_incidents') }}
    where started_at is not null
),

things as (
    select *
    from {{ ref('int_mentions_found') }}
    where pull_request_id is not null or sha is not null
),

shipped as (
    select
        things.incident_id,
        things.place,
        things.words,
        things.words_ja,
        things.kind,
        things.thing,
        things.thing_ja,
        things.reverts_json,
        arrivals.deployment_id,
        arrivals.source_id,
        arrivals.repository,
        arrivals.created_at,
        arrivals.finished_at
    from things
    inner join {{ ref('int_pull_requests_shipped') }} as arrivals
        on things.pull_request_id = arrivals.pull_request_id
    union distinct
    select
        things.incident_id,
        things.place,
        things.words,
        things.words_ja,
        things.kind,
        things.thing,
        things.thing_ja,
        things.reverts_json,
        arrivals.deployment_id,
        arrivals.source_id,
        arrivals.repository,
        arrivals.created_at,
        arrivals.finished_at
    from things
    inner join {{ ref('int_commits_shipped') }} as arrivals
        on
            things.repository_id = arrivals.repository_id
            and things.sha = arrivals.sha
),

had as (
    select
        things.incident_id,
        things.thing,
        arrivals.finished_at
    from things
    inner join {{ ref('int_pull_requests_had_before') }} as arrivals
        on things.pull_request_id = arrivals.pull_request_id
    union all
    select
        things.incident_id,
        things.thing,
        arrivals.finished_at
    from things
    inner join {{ ref('int_commits_had_before') }} as arrivals
        on
            things.repository_id = arrivals.repository_id
            and things.sha = arrivals.sha
),

had_before as (
    select
        incident_id,
        thing,
        min(finished_at) as finished_at
    from had
    group by incident_id, thing
),

final as (
    select
        shipped.*,
        incidents.started_at,
        shipped.finished_at <= incidents.started_at as is_before,
        coalesce(had_before.finished_at <= incidents.started_at, false) as was_there
    from shipped
    inner join incidents on shipped.incident_id = incidents.incident_id
    left join had_before
        on
            shipped.incident_id = had_before.incident_id
            and shipped.thing = had_before.thing
)

select * from final
