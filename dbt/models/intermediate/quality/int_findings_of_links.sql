-- Findings about links: lines of metrics.links that name nobody's incident or deployment, and causes that are in no
-- rate.
with

lines as (
    select
        links.*,
        'metrics.links:' || cast(links.line as string) as object_id,
        'line ' || cast(links.line as string) || ' of metrics.links: ' as words
    from {{ ref('int_manual_links_resolved') }} as links
),

named as (
    select distinct incident_id
    from lines
    where deployment_id is not null
),

causes as (
    select
        links.incident_id,
        links.deployment_id,
        min(deployments.exclusion_reason) as exclusion_reason
    from {{ ref('int_incident_deployments_linked') }} as links
    inner join {{ ref('int_deployments_judged') }} as deployments
        on links.deployment_id = deployments.deployment_id
    where links.role = 'cause'
    group by links.incident_id, links.deployment_id
    having count(deployments.counted_deployment_id) = 0
),

final as (
    select
        'manual_link_unknown_incident' as rule,
        'warn' as severity,
        'configuration' as object_type,
        object_id,
        words || case
            when incident_count = 0 then 'no incident is known by "' || incident || '"'
            else '"' || incident || '" is the name of ' || cast(incident_count as string) || ' incidents: write an id'
        end || '; the line does nothing' as detail
    from lines
    where incident_id is null
    union all
    select
        'manual_link_unknown_deployment' as rule,
        'warn' as severity,
        'configuration' as object_type,
        object_id,
        words || case
            when deployment_count = 0 then 'no deployment is known by "' || deployment || '"'
            else
                '"' || deployment || '" is the name of ' || cast(deployment_count as string)
                || ' deployments: write an id like deployments:' || deployment
        end || '; the line does nothing' as detail
    from lines
    where deployment_id is null and not is_none
    union all
    select
        'manual_link_contradiction' as rule,
        'warn' as severity,
        'configuration' as object_type,
        lines.object_id,
        lines.words || 'another line names a deployment that caused ' || lines.incident
        || ', so it has a cause; the line does nothing' as detail
    from lines
    inner join named on lines.incident_id = named.incident_id
    where lines.is_none
    union all
    select
        'cause_not_counted' as rule,
        'warn' as severity,
        'incident' as object_type,
        causes.incident_id as object_id,
        coalesce(incidents.reference, causes.incident_id) || ' is linked to ' || causes.deployment_id
        || ', which does not count, so the failure is in no rate: ' || coalesce(causes.exclusion_reason, '') as detail
    from causes
    inner join {{ ref('fct_incidents') }} as incidents
        on causes.incident_id = incidents.incident_id
    where incidents.is_counted
)

select * from final
