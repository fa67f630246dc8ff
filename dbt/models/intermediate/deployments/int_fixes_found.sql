-- Attached pull requests and commits that were in no production environment at the incident's start, with every
-- deployment that shipped them: to each environment, and of each service, the fix came by one of its own (L2, W).
with

final as (
    select
        incident_id,
        kind,
        thing,
        thing_ja,
        words,
        words_ja,
        reverts_json,
        started_at,
        deployment_id,
        source_id,
        created_at,
        finished_at
    from {{ ref('int_mentions_shipped') }}
    where place = 'attachment'
    qualify max(case when is_before or was_there then 1 else 0 end) over (partition by incident_id, thing) = 0
)

select * from final
