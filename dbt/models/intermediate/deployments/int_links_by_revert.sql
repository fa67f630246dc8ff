-- L2r: what a fix reverts, where a deployment had shipped it at or before the start, the latest of those deployments.
with

reverted as (
    select
        reverts.incident_id,
        reverts.started_at,
        reverts.fix,
        reverts.fix_ja,
        reverts.thing,
        reverts.thing_ja,
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
        reverts.fix_ja,
        reverts.thing,
        reverts.thing_ja,
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

final as (
    select
        incident_id,
        'cause' as role,
        'revert' as method,
        deployment_id,
        source_id,
        created_at,
        finished_at,
        {{ said('evidence', {
            'en': 'the fix {fix} reverts {thing}, which it shipped before the start',
            'ja': '修正の{fix_ja}が取り消した{thing_ja}を、開始より前にリリースしています',
        }) }}
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
)

select * from final
