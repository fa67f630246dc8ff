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
            order by
                finished_at desc,
                created_at desc,
                {{ sortable('source_id') }} desc,
                deployment_id desc,
                thing asc
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

reverted as (
    select
        reverts.incident_id,
        reverts.started_at,
        reverts.fix,
        reverts.thing,
        shipped.deployment_id,
        shipped.source_id,
        shipped.created_at,
        shipped.finished_at
    from {{ ref('int_reverts_resolved') }} as reverts
    inner join {{ ref('int_pull_requests_shipped') }} as shipped
        on reverts.pull_request_id = shipped.pull_request_id
    union distinct
    select
        reverts.incident_id,
        reverts.started_at,
        reverts.fix,
        reverts.thing,
        shipped.deployment_id,
        shipped.source_id,
        shipped.created_at,
        shipped.finished_at
    from {{ ref('int_reverts_resolved') }} as reverts
    inner join {{ ref('int_commits_shipped') }} as shipped
        on
            reverts.repository_id = shipped.repository_id
            and reverts.sha = shipped.sha
),

revert_links as (
    select
        incident_id,
        'cause' as role,
        'revert' as method,
        deployment_id,
        source_id,
        created_at,
        finished_at,
        'the fix ' || fix || ' reverts ' || thing || ', which it shipped before the start' as evidence
    from reverted
    where finished_at <= started_at
    qualify
        row_number() over (
            partition by incident_id
            order by
                finished_at desc,
                created_at desc,
                {{ sortable('source_id') }} desc,
                deployment_id desc,
                thing asc,
                fix asc
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
