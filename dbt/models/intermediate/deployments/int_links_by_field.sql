-- L1: the deployment that the field for causes names: outright; or by the commit, a tag's too (the latest deployment of
-- that very commit at or before the start, else one that shipped it). Of several that are named the latest at or before
-- the start, else the latest. Members of groups are named, too (D5).
with

incidents as (
    select
        incident_id,
        started_at
    from {{ ref('fct_incidents') }}
),

mentions as (
    select
        mentions.*,
        homes.repository_id as commit_repository_id,
        incidents.started_at
    from {{ ref('int_incident_mentions') }} as mentions
    inner join incidents on mentions.incident_id = incidents.incident_id
    left join {{ ref('int_repository_names') }} as homes
        on mentions.commit_repository = homes.name
    where mentions.place = 'field'
),

deployments as (
    select distinct
        deployment_id,
        source_id,
        repository_id,
        sha,
        created_at,
        finished_at
    from {{ ref('int_deployments_judged') }}
    where is_effective
),

named as (
    select
        outright.incident_id,
        outright.deployment_id,
        outright.source_id,
        outright.created_at,
        outright.finished_at,
        case when outright.finished_at <= incidents.started_at then 1 else 2 end as precedence,
        outright.evidence,
        outright.evidence_ja
    from {{ ref('int_mentions_named') }} as outright
    inner join incidents on outright.incident_id = incidents.incident_id
    union all
    select
        mentions.incident_id,
        deployments.deployment_id,
        deployments.source_id,
        deployments.created_at,
        deployments.finished_at,
        3 as precedence,
        {{ said('evidence', {
            'en': '{mentions.words}commit {substr(deployments.sha, 1, 10)}, which was deployed',
            'ja': '{mentions.words_ja}コミット{substr(deployments.sha, 1, 10)}のデプロイです',
        }) }}
    from mentions
    inner join deployments
        on
            substr(mentions.commit_sha, 1, 7) = substr(deployments.sha, 1, 7)
            and starts_with(deployments.sha, mentions.commit_sha)
            and mentions.started_at >= deployments.finished_at
    where mentions.commit_repository is null or mentions.commit_repository_id = deployments.repository_id
    union all
    select
        incident_id,
        deployment_id,
        source_id,
        created_at,
        finished_at,
        case when is_before then 4 else 5 end as precedence,
        {{ said('evidence', {
            'en': '{words}{thing}, which it shipped',
            'ja': '{words_ja}{thing_ja}をリリースしたデプロイです',
        }) }}
    from {{ ref('int_mentions_shipped') }}
    where place = 'field'
),

final as (
    select
        incident_id,
        deployment_id,
        source_id,
        created_at,
        finished_at,
        evidence,
        evidence_ja
    from named
    where true
    qualify
        row_number() over (
            partition by incident_id
            order by
                precedence asc,
                finished_at desc nulls last,
                created_at desc,
                {{ sortable('source_id') }} desc,
                deployment_id desc,
                evidence asc
        ) = 1
)

select * from final
