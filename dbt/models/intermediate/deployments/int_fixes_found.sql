-- Attached pull requests and commits that were shipped only after the incident's start, each with the first deployment
-- that shipped it (L2).
with

final as (
    select
        incident_id,
        kind,
        thing,
        words,
        reverts_json,
        started_at,
        deployment_id,
        source_id,
        created_at,
        finished_at
    from {{ ref('int_mentions_shipped') }}
    where place = 'attachment'
    qualify
        max(case when is_before then 1 else 0 end) over (partition by incident_id, thing) = 0
        and row_number() over (
            partition by incident_id, thing
            order by finished_at, created_at, {{ sortable('source_id') }}
        ) = 1
)

select * from final
