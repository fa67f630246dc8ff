-- Findings about links: lines of metrics.links that name nobody's incident or deployment, and causes that are in no
-- rate.
with

lines as (
    select
        links.*,
        'metrics.links:' || cast(links.line as string) as object_id
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
        coalesce(deployments.exclusion_reason, '') as exclusion_reason,
        coalesce(deployments.exclusion_reason_ja, '') as exclusion_reason_ja
    from {{ ref('int_incident_deployments_linked') }} as links
    inner join {{ ref('int_deployments_judged') }} as deployments
        on links.deployment_id = deployments.deployment_id
    where links.role = 'cause'
    qualify
        count(deployments.counted_deployment_id) over (partition by links.incident_id, links.deployment_id) = 0
        and row_number() over (
            partition by links.incident_id, links.deployment_id
            order by deployments.exclusion_reason, deployments.service
        ) = 1
),

incidents as (
    select
        incident_id,
        coalesce(reference, incident_id) as shown
    from {{ ref('fct_incidents') }}
    where is_counted
),

final as (
    select
        'manual_link_unknown_incident' as rule,
        'warn' as severity,
        'configuration' as object_type,
        object_id,
        {{ said('detail', [
            {
                'when': 'incident_count = 0',
                'en': 'line {line:number} of metrics.links: no incident is known by "{incident}"; the line does nothing',
                'ja': 'metrics.linksの{line:number}行目：「{incident}」というインシデントがないため、この行は無視されます',
            },
            {
                'en': 'line {line:number} of metrics.links: "{incident}" is the name of {incident_count:number} incidents: '
                    'write an id; the line does nothing',
                'ja': 'metrics.linksの{line:number}行目：「{incident}」に該当するインシデントが{incident_count:number}件あるため、'
                    'この行は無視されます。IDで指定してください',
            },
        ]) }}
    from lines
    where incident_id is null
    union all
    select
        'manual_link_unknown_deployment' as rule,
        'warn' as severity,
        'configuration' as object_type,
        object_id,
        {{ said('detail', [
            {
                'when': 'deployment_count = 0',
                'en': 'line {line:number} of metrics.links: no deployment is known by "{deployment}"; the line does '
                    'nothing',
                'ja': 'metrics.linksの{line:number}行目：「{deployment}」というデプロイがないため、この行は無視されます',
            },
            {
                'en': 'line {line:number} of metrics.links: "{deployment}" is the name of {deployment_count:number} '
                    'deployments: write an id like deployments:{deployment}; the line does nothing',
                'ja': 'metrics.linksの{line:number}行目：「{deployment}」に該当するデプロイが{deployment_count:number}件あるため、'
                    'この行は無視されます。deployments:{deployment}のようにIDで指定してください',
            },
        ]) }}
    from lines
    where deployment_id is null and not is_none
    union all
    select
        'manual_link_contradiction' as rule,
        'warn' as severity,
        'configuration' as object_type,
        lines.object_id,
        {{ said('detail', {
            'en': 'line {lines.line:number} of metrics.links: another line names a deployment that caused '
                '{lines.incident}, so it has a cause; the line does nothing',
            'ja': 'metrics.linksの{lines.line:number}行目：別の行が{lines.incident}の原因のデプロイを指定しているため、'
                'この行は無視されます',
        }) }}
    from lines
    inner join named on lines.incident_id = named.incident_id
    where lines.is_none
    union all
    select
        'cause_not_counted' as rule,
        'warn' as severity,
        'incident' as object_type,
        causes.incident_id as object_id,
        {{ said('detail', {
            'en': '{incidents.shown} is linked to {causes.deployment_id}, which does not count, so the failure is in no '
                'rate: {causes.exclusion_reason}',
            'ja': '{incidents.shown}の原因とされた{causes.deployment_id}が集計対象外のため、この失敗はどの率にも入りません：'
                '{causes.exclusion_reason_ja}',
        }) }}
    from causes
    inner join incidents on causes.incident_id = incidents.incident_id
)

select * from final
