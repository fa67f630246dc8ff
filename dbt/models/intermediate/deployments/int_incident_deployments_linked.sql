-- Which deployment caused an incident, by the first rule that finds one (L1, L2, L2r, L3; none is L4), and which ones
-- fixed it.
with

found as (
    select
        incident_id,
        'cause' as role,
        'field' as method,
        'L1' as rule,
        'high' as confidence,
        deployment_id,
        evidence
    from {{ ref('int_links_by_field') }}
    union all
    select
        incident_id,
        role,
        method,
        case when method = 'revert' then 'L2r' else 'L2' end as rule,
        case when method = 'revert' then 'medium' else 'high' end as confidence,
        deployment_id,
        evidence
    from {{ ref('int_links_by_attachment') }}
    union all
    select
        incident_id,
        'cause' as role,
        'proximity' as method,
        'L3' as rule,
        'low' as confidence,
        deployment_id,
        evidence
    from {{ ref('int_links_by_proximity') }}
),

final as (
    select
        incident_id,
        role,
        method,
        rule,
        confidence,
        deployment_id,
        evidence
    from found
    where true
    qualify
        role = 'fix'
        or row_number() over (
            partition by incident_id, role
            order by rule
        ) = 1
)

select * from final
