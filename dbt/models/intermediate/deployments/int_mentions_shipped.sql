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

pull_requests as (
    select
        mentions.incident_id,
        mentions.place,
        mentions.words,
        'pull_request' as kind,
        'pull request ' || homes.repository || '#' || cast(pulls.number as string) as thing,
        pulls.repository_id,
        pulls.merge_oid as sha,
        pulls.reverts_json
    from {{ ref('int_incident_mentions') }} as mentions
    inner join {{ ref('int_repository_names') }} as homes
        on mentions.pull_request_repository = homes.name
    inner join {{ ref('stg_github__pull_requests') }} as pulls
        on
            homes.repository_id = pulls.repository_id
            and mentions.pull_request_number = cast(pulls.number as string)
    where mentions.place = 'attachment'
),

commits as (
    select
        mentions.incident_id,
        mentions.place,
        mentions.words,
        'commit' as kind,
        'commit ' || substr(commits.sha, 1, 10) as thing,
        commits.repository_id,
        commits.sha,
        commits.reverts_json
    from {{ ref('int_incident_mentions') }} as mentions
    inner join {{ ref('stg_github__commits') }} as commits
        on
            substr(mentions.commit_sha, 1, 7) = substr(commits.sha, 1, 7)
            and starts_with(commits.sha, mentions.commit_sha)
    left join {{ ref('int_repository_names') }} as homes
        on mentions.commit_repository = homes.name
    where mentions.commit_repository is null or homes.repository_id = commits.repository_id
),

things as (
    select * from pull_requests
    union all
    select * from commits
),

had_before as (
    select
        repository_id,
        sha,
        min(finished_at) as finished_at
    from {{ ref('int_commits_had_before') }}
    group by repository_id, sha
),

final as (
    select distinct
        things.incident_id,
        incidents.started_at,
        things.place,
        things.words,
        things.kind,
        things.thing,
        things.sha,
        things.reverts_json,
        shipped.deployment_id,
        shipped.source_id,
        shipped.repository,
        shipped.created_at,
        shipped.finished_at,
        shipped.finished_at <= incidents.started_at as is_before,
        coalesce(had_before.finished_at <= incidents.started_at, false) as was_there
    from things
    inner join incidents on things.incident_id = incidents.incident_id
    inner join {{ ref('int_commits_shipped') }} as shipped
        on
            things.repository_id = shipped.repository_id
            and things.sha = shipped.sha
    left join had_before
        on
            things.repository_id = had_before.repository_id
            and things.sha = had_before.sha
)

select * from final
