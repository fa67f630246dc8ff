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
        {{ said('evidence', {
            'en': '{words}{thing}, which it shipped before the start',
            'ja': '{words_ja}{thing_ja}を、開始より前にリリースしています',
        }) }}
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
        kind as method,
        deployment_id,
        source_id,
        created_at,
        finished_at,
        {{ said('evidence', {
            'en': '{words}{thing}, which it shipped after the start',
            'ja': '{words_ja}{thing_ja}を、開始より後にリリースしています',
        }) }}
    from {{ ref('int_fixes_found') }}
    where true
    qualify
        row_number() over (
            partition by incident_id, deployment_id, source_id, created_at, finished_at
            order by words, thing
        ) = 1
),

final as (
    select * from causes
    union all
    select * from fix_links
    union all
    select
        incident_id,
        role,
        method,
        deployment_id,
        source_id,
        created_at,
        finished_at,
        evidence,
        evidence_ja
    from {{ ref('int_links_by_revert') }}
)

select * from final
