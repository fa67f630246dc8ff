-- The pull requests and commits that incidents name, as far as they are known; a row without either id names one that
-- is not (L1, L2). A merge commit or a squashed one is its pull request's, too.
{%- set repository = 'coalesce(homes.repository, mentions.pull_request_repository)' %}
{%- set sha = 'coalesce(commits.sha, mentions.commit_sha)' %}

with

mentions as (
    select distinct
        incident_id,
        place,
        words,
        words_ja,
        pull_request_repository,
        pull_request_number,
        commit_sha,
        commit_repository
    from {{ ref('int_incident_mentions') }}
    where commit_sha is not null or (place = 'attachment' and pull_request_number is not null)
),

pulls as (
    select
        pull_request_id,
        repository_id,
        cast(number as string) as number,
        merge_oid,
        reverts_json
    from {{ ref('stg_github__pull_requests') }}
),

commits as (
    {{ commits_beginning_like('mentions', 'commit_sha') }}
),

commits_found as (
    select
        mentions.incident_id,
        mentions.place,
        mentions.words,
        mentions.commit_sha,
        commits.repository_id,
        commits.sha,
        commits.reverts as reverts_json
    from mentions
    inner join commits
        on
            substr(mentions.commit_sha, 1, 7) = substr(commits.sha, 1, 7)
            and starts_with(commits.sha, mentions.commit_sha)
    left join {{ ref('int_repository_names') }} as homes
        on mentions.commit_repository = homes.name
    where mentions.commit_repository is null or homes.repository_id = commits.repository_id
),

final as (
    select
        mentions.incident_id,
        mentions.place,
        mentions.words,
        mentions.words_ja,
        'pull_request' as kind,
        {{ said('thing', {
            'en': 'pull request {' ~ repository ~ '}#{mentions.pull_request_number}',
            'ja': 'プルリクエスト{' ~ repository ~ '}#{mentions.pull_request_number}',
        }) }},
        homes.repository_id,
        pulls.pull_request_id,
        cast(null as string) as sha,
        pulls.reverts_json
    from mentions
    left join {{ ref('int_repository_names') }} as homes
        on mentions.pull_request_repository = homes.name
    left join pulls
        on
            homes.repository_id = pulls.repository_id
            and mentions.pull_request_number = pulls.number
    where mentions.pull_request_number is not null and mentions.place = 'attachment'
    union distinct
    select
        mentions.incident_id,
        mentions.place,
        mentions.words,
        mentions.words_ja,
        'commit' as kind,
        {{ said('thing', {
            'en': 'commit {substr(' ~ sha ~ ', 1, 10)}',
            'ja': 'コミット{substr(' ~ sha ~ ', 1, 10)}',
        }) }},
        commits.repository_id,
        pulls.pull_request_id,
        commits.sha,
        commits.reverts_json
    from mentions
    left join commits_found as commits
        on
            mentions.incident_id = commits.incident_id
            and mentions.words = commits.words
            and mentions.commit_sha = commits.commit_sha
    left join pulls
        on
            commits.repository_id = pulls.repository_id
            and commits.sha = pulls.merge_oid
    where mentions.commit_sha is not null
)

select * from final
