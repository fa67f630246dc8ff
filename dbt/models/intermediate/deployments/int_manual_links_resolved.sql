-- What people decided about incidents' causes (metrics.links), line by line, and the one incident and deployment that
-- each line names. Where a name is nobody's or that of several, the id is null and the count says which.
with

links as (
    select
        line,
        incident,
        deployment,
        decided_by,
        reason,
        lower(deployment) = 'none' as is_none
    from {{ ref('config_links') }}
),

incident_names as (
    select
        incident_id,
        1 as position,
        lower(incident_id) as name
    from {{ ref('fct_incidents') }}
    union all
    select
        incident_id,
        2 as position,
        lower(reference) as name
    from {{ ref('fct_incidents') }}
    union all
    select
        incident_id,
        3 as position,
        {{ found('reference', '([0-9]+)$') }} as name
    from {{ ref('fct_incidents') }}
    union all
    select
        incident_id,
        4 as position,
        {{ name_given('permalink') }} as name
    from {{ ref('fct_incidents') }}
),

incident_matches as (
    select distinct
        links.line,
        names.incident_id
    from links
    inner join incident_names as names
        on {{ name_given('links.incident') }} = names.name
    where true
    qualify rank() over (partition by links.line order by names.position) = 1
),

incidents as (
    select
        line,
        count(*) as incident_count,
        min(incident_id) as incident_id
    from incident_matches
    group by line
),

deployment_names as (
    select
        line,
        {{ name_given('deployment') }} as name
    from links
    union distinct
    select
        line,
        {{ name_in_address('deployment') }} as name
    from links
),

deployments as (
    select
        given.line,
        count(distinct known.deployment_id) as deployment_count,
        min(known.deployment_id) as deployment_id
    from deployment_names as given
    inner join {{ source('ship', 'ship_deployment_names') }} as known
        on given.name = known.name
    group by given.line
),

final as (
    select
        links.line,
        links.incident,
        links.deployment,
        coalesce(links.decided_by, 'somebody') as decided_by,
        links.reason,
        links.is_none,
        coalesce(incidents.incident_count, 0) as incident_count,
        case when incidents.incident_count = 1 then incidents.incident_id end as incident_id,
        case when links.is_none then 0 else coalesce(deployments.deployment_count, 0) end as deployment_count,
        case
            when deployments.deployment_count = 1 and not links.is_none then deployments.deployment_id
        end as deployment_id
    from links
    left join incidents on links.line = incidents.line
    left join deployments on links.line = deployments.line
)

select * from final
