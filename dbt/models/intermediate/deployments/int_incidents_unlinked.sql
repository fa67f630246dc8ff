-- Counted incidents without a cause (L4, or a person's word that there is none), and what is known of each that a cause
-- could have been found by.
with

linked as (
    select distinct incident_id
    from {{ ref('int_incident_deployments_linked') }}
    where role = 'cause'
),

-- The first line of metrics.links that says that there is no cause.
decisions as (
    select
        incident_id,
        line,
        decided_by,
        reason
    from {{ ref('int_manual_links_resolved') }}
    where incident_id is not null and is_none
    qualify row_number() over (partition by incident_id order by line) = 1
),

-- Or that names a deployment that nobody knows.
mistakes as (
    select
        incident_id,
        {{ said('problem', {
            'en': 'Line {line:number} of metrics.links names "{deployment}"',
            'ja': 'metrics.linksの{line:number}行目に「{deployment}」とあります',
        }) }}
    from {{ ref('int_manual_links_resolved') }}
    where incident_id is not null and deployment_id is null and not is_none
    qualify row_number() over (partition by incident_id order by line) = 1
),

services as (
    select
        incident_id,
        string_agg(service, ', ' order by service) as services
    from {{ ref('int_incident_services_matched') }}
    group by incident_id
),

field_values as (
    select
        incident_id,
        min(mention) as mention
    from {{ ref('int_incident_mentions') }}
    where place = 'field'
    group by incident_id
),

final as (
    select
        incidents.incident_id,
        incidents.reference,
        incidents.started_at,
        services.services,
        decisions.line as decision_line,
        decisions.decided_by,
        decisions.reason as decision_reason,
        mistakes.problem as line_problem,
        mistakes.problem_ja as line_problem_ja,
        field_values.mention as field_value,
        attachments.problem as attachment_problem,
        attachments.problem_ja as attachment_problem_ja,
        nearest.deployment_id as nearest_deployment_id,
        nearest.service as nearest_service,
        nearest.micros as nearest_micros,
        {{ seconds_between('nearest.finished_at', 'nearest.started_at') }} as nearest_seconds
    from {{ ref('fct_incidents') }} as incidents
    left join linked on incidents.incident_id = linked.incident_id
    left join decisions on incidents.incident_id = decisions.incident_id
    left join mistakes on incidents.incident_id = mistakes.incident_id
    left join services on incidents.incident_id = services.incident_id
    left join field_values on incidents.incident_id = field_values.incident_id
    left join {{ ref('int_attachments_unlinked') }} as attachments
        on incidents.incident_id = attachments.incident_id
    left join {{ ref('int_deployments_nearest') }} as nearest
        on incidents.incident_id = nearest.incident_id
    where incidents.is_counted and linked.incident_id is null
)

select * from final
