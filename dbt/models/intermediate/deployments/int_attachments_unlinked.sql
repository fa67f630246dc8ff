-- Why what is attached to an incident names no cause of it (L2): one sentence's beginning for an incident, of the
-- attachment that came furthest.
with

shipped as (
    select
        incident_id,
        thing,
        min(finished_at) as finished_at
    from {{ ref('int_mentions_shipped') }}
    where place = 'attachment'
    group by incident_id, thing
),

had_before as (
    select distinct pull_request_id
    from {{ ref('int_pull_requests_had_before') }}
),

judged as (
    select
        things.incident_id,
        things.thing,
        things.thing_ja,
        case
            when shipped.finished_at is not null then 1
            when had_before.pull_request_id is not null then 2
            when things.pull_request_id is not null or things.sha is not null then 3
            when things.repository_id is not null then 4
            when things.kind = 'pull_request' then 5
            else 6
        end as position
    from {{ ref('int_mentions_found') }} as things
    left join shipped
        on
            things.incident_id = shipped.incident_id
            and things.thing = shipped.thing
    left join had_before
        on things.pull_request_id = had_before.pull_request_id
    where things.place = 'attachment'
),

final as (
    select
        incident_id,
        {{ said('problem', [
            {
                'when': 'position = 1',
                'en': 'The attached {thing} was shipped after the start only, so it is taken for a fix',
                'ja': '添付された{thing_ja}は開始より後にだけリリースされたため、修正とみなしています',
            },
            {
                'when': 'position = 2',
                'en': 'The attached {thing} was live before the first known deployment',
                'ja': '添付された{thing_ja}は、最初に把握したデプロイより前から稼働していました',
            },
            {
                'when': 'position = 3',
                'en': 'No known deployment to production shipped the attached {thing}',
                'ja': '添付された{thing_ja}をリリースした本番環境へのデプロイが見つかりません',
            },
            {
                'when': 'position = 4',
                'en': 'The attached {thing} is not merged, or was before sources.github.since',
                'ja': '添付された{thing_ja}は未マージか、sources.github.sinceより前にマージされています',
            },
            {
                'when': 'position = 5',
                'en': 'The attached {thing} is of a repository that is not in sources.github.repositories',
                'ja': '添付された{thing_ja}のリポジトリはsources.github.repositoriesにありません',
            },
            {
                'en': 'The attached {thing} is in no repository that is read',
                'ja': '添付された{thing_ja}は、取得しているどのリポジトリにもありません',
            },
        ]) }}
    from judged
    where true
    qualify
        row_number() over (
            partition by incident_id
            order by position, thing
        ) = 1
)

select * from final
