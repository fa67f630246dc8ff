-- Which deployment caused an incident: those that a person named, else the one of the first rule that finds one (L1,
-- L2, L2r, L3; none is L4, or a person's word that there is none), and which ones fixed it.
with

manual_links as (
    select
        incident_id,
        'cause' as role,
        'manual' as method,
        'L0' as rule,
        'high' as confidence,
        deployment_id,
        {{ said('evidence', [
            {
                'when': 'reason is not null',
                'en': '{decided_by} decided it in line {line:number} of metrics.links: {reason}',
                'ja': '{decided_by}がmetrics.linksの{line:number}行目で指定しています：{reason}',
            },
            {
                'en': '{decided_by} decided it in line {line:number} of metrics.links',
                'ja': '{decided_by}がmetrics.linksの{line:number}行目で指定しています',
            },
        ]) }},
        decided_by,
        reason
    from {{ ref('int_manual_links_resolved') }}
    where incident_id is not null and deployment_id is not null
    qualify
        row_number() over (
            partition by incident_id, deployment_id
            order by line
        ) = 1
),

decided as (
    select distinct incident_id
    from {{ ref('int_manual_links_resolved') }}
    where incident_id is not null and is_none
),

by_rules as (
    select
        incident_id,
        'cause' as role,
        'field' as method,
        'L1' as rule,
        'high' as confidence,
        deployment_id,
        evidence,
        evidence_ja
    from {{ ref('int_links_by_field') }}
    union all
    select
        incident_id,
        role,
        method,
        case when method = 'revert' then 'L2r' else 'L2' end as rule,
        case when method = 'revert' then 'medium' else 'high' end as confidence,
        deployment_id,
        evidence,
        evidence_ja
    from {{ ref('int_links_by_attachment') }}
    union all
    select
        incident_id,
        'cause' as role,
        'proximity' as method,
        'L3' as rule,
        'low' as confidence,
        deployment_id,
        evidence,
        evidence_ja
    from {{ ref('int_links_by_proximity') }}
),

found as (
    select * from manual_links
    union all
    select
        by_rules.*,
        cast(null as string) as decided_by,
        cast(null as string) as reason
    from by_rules
    left join decided on by_rules.incident_id = decided.incident_id
    where by_rules.role = 'fix' or decided.incident_id is null
),

final as (
    select
        incident_id,
        role,
        method,
        rule,
        confidence,
        deployment_id,
        evidence,
        evidence_ja,
        decided_by,
        reason
    from found
    where true
    qualify
        role = 'fix'
        or rank() over (
            partition by incident_id, role
            order by rule
        ) = 1
)

select * from final
