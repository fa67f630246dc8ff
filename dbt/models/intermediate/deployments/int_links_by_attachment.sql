-- L2 and L2r: attached pull requests and commits. What was shipped at or before the start is a cause, what was shipped
-- after it only is a fix, and what a fix reverts is a cause again.
with

shipped as (
    select *
    from {{ ref('int_mentions_shipped') }}
    where place = 'attachment'
),

causes as (
    select
        incident_id,
        'cause' as role,
        kind as method,
        deployment_id,
        source_id,
        created_at,
        finished_at,
        words || thing || ', which it shipped before the start' as evidence
    from shipped
    where is_before
    qualify
        row_number() over (
            partition by incident_id
            order by finished_at desc, created_at desc, {{ sortable('source_id') }} desc, thing
        ) = 1
),

fix_links as (
    select
        incident_id,
        'fix' as role,
        min(kind) as method,
        deployment_id,
        source_id,
        created_at,
        finished_at,
        min(words || thing) || ', which it shipped after the start' as evidence
    from {{ ref('int_fixes_found') }}
    group by incident_id, deployment_id, source_id, created_at, finished_at
),

revert_links as (
    select
        reverted.incident_id,
        'cause' as role,
        'revert' as method,
        shipped.deployment_id,
        shipped.source_id,
        shipped.created_at,
        shipped.finished_at,
        'the fix ' || reverted.fix || ' reverts ' || reverted.thing || ', which it shipped before the start' as evidence
    from {{ ref('int_reverts_resolved') }} as reverted
    inner join {{ ref('int_commits_shipped') }} as shipped
        on
            reverted.repository_id = shipped.repository_id
            and reverted.sha = shipped.sha
            and reverted.started_at >= shipped.finished_at
    where true
    qualify
        row_number() over (
            partition by reverted.incident_id
            order by
                shipped.finished_at desc,
                shipped.created_at desc,
                {{ sortable('shipped.source_id') }} desc,
                reverted.thing asc
        ) = 1
),

final as (
    select * from causes
    union all
    select * from fix_links
    union all
    select * from revert_links
)

select * from final
