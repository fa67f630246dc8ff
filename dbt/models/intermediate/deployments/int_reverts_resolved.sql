-- The pull requests and commits that fixes say they revert, as far as they are known (L2r). A merge commit or a
-- squashed one is its pull request's, too.
with

items as (
    {{ json_items(ref('int_fixes_found'), ['incident_id', 'started_at', 'thing', 'thing_ja'], 'reverts_json') }}
),

claims as (
    select
        incident_id,
        started_at,
        thing as fix,
        thing_ja as fix_ja,
        lower({{ found(member('item', 'pull_request'), '^(.+)#[0-9]+$') }}) as repository,
        {{ found(member('item', 'pull_request'), '#([0-9]+)$') }} as pull_request,
        coalesce(
            lower({{ member('item', 'sha') }}),
            {{ found('cast(item as string)', '^"([0-9a-f]{7,40})"$') }}
        ) as commit_sha
    from items
),

pulls as (
    select
        pull_request_id,
        repository_id,
        cast(number as string) as number,
        merge_oid
    from {{ ref('stg_github__pull_requests') }}
),

commits as (
    {{ commits_beginning_like('claims', 'commit_sha') }}
),

final as (
    select
        claims.incident_id,
        claims.started_at,
        claims.fix,
        claims.fix_ja,
        {{ said('thing', {
            'en': 'pull request {homes.repository}#{claims.pull_request}',
            'ja': 'プルリクエスト{homes.repository}#{claims.pull_request}',
        }) }},
        pulls.repository_id,
        pulls.pull_request_id,
        cast(null as string) as sha
    from claims
    inner join {{ ref('int_repository_names') }} as homes
        on claims.repository = homes.name
    inner join pulls
        on
            homes.repository_id = pulls.repository_id
            and claims.pull_request = pulls.number
    union distinct
    select
        claims.incident_id,
        claims.started_at,
        claims.fix,
        claims.fix_ja,
        {{ said('thing', {
            'en': 'commit {substr(commits.sha, 1, 10)}',
            'ja': 'コミット{substr(commits.sha, 1, 10)}',
        }) }},
        commits.repository_id,
        pulls.pull_request_id,
        commits.sha
    from claims
    inner join commits
        on
            substr(claims.commit_sha, 1, 7) = substr(commits.sha, 1, 7)
            and starts_with(commits.sha, claims.commit_sha)
    left join pulls
        on
            commits.repository_id = pulls.repository_id
            and commits.sha = pulls.merge_oid
)

select * from final
