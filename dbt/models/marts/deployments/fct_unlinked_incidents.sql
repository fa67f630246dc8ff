with

settings as (
    select
        coalesce(max(case when name = 'failure_window' then lower(value) end), '86400') as failure_window,
        max(case when name = 'unattributed' then lower(value) end) as unattributed,
        nullif(max(case when name = 'cause_field' then value end), '') as cause_field
    from {{ ref('config_settings') }}
),

lone_service as (
    select count(*) = 1 as is_lone from {{ source('ship', 'ship_services') }}
),

service_fields as (
    select string_agg(distinct field, ', ' order by field) as fields
    from {{ ref('config_incident_values') }}
),

judged as (
    select
        unlinked.*,
        settings.failure_window,
        settings.cause_field,
        service_fields.fields,
        case
            when unlinked.decided_by is not null then 'manual'
            when unlinked.started_at is null then 'no start'
            when
                unlinked.services is null
                and not lone_service.is_lone
                and coalesce(settings.unattributed, 'none') <> 'any'
                then 'no service'
            when settings.failure_window = 'off' then 'off'
            when unlinked.nearest_deployment_id is null then 'none before'
            else 'too long before'
        end as obstacle,
        case
            when settings.cause_field is null
                then 'set metrics.cause_field to a custom field and name the deployment there, or in metrics.links'
            else 'name the deployment in the field "' || settings.cause_field || '", or in metrics.links'
        end as remedy
    from {{ ref('int_incidents_unlinked') }} as unlinked
    cross join settings
    cross join lone_service
    cross join service_fields
),

final as (
    select
        incident_id,
        reference,
        started_at,
        services,
        case obstacle
            when 'manual' then 'manual: none'
            when 'no start' then 'L4 it has no start'
            when 'no service' then 'L4 nothing names its cause, and it names no service'
            when 'off' then 'L4 nothing names its cause, and metrics.failure_window is off'
            when 'none before' then 'L4 nothing names its cause, and no counted deployment finished before it started'
            else 'L4 nothing names its cause, and the nearest deployment is beyond metrics.failure_window'
        end as reason,
        nearest_deployment_id,
        nearest_seconds,
        case
            when obstacle = 'manual'
                then
                    'Nothing: ' || decided_by || ' decided that no deployment caused it (line '
                    || cast(decision_line as string) || ' of metrics.links).'
            when line_problem is not null
                then line_problem || ', by which no one deployment is known: correct that line.'
            when obstacle = 'no start'
                then 'It has none of the times of metrics.restore.start: give it one, or ' || remedy || '.'
            when field_value is not null
                then
                    'The field "' || cause_field || '" says "' || field_value
                    || '", by which no deployment to production is known: name the deployment, commit, tag or '
                    || 'release there.'
            when attachment_problem is not null
                then attachment_problem || ': attach what caused it, or ' || remedy || '.'
            when obstacle = 'no service' and fields is null
                then
                    'It names no service, and no field can name one: set services[].incident_values, or '
                    || remedy || '.'
            when obstacle = 'no service'
                then
                    'It names no service: choose a value of services[].incident_values in ' || fields || ', or '
                    || remedy || '.'
            when obstacle = 'off' then 'Time links nothing (metrics.failure_window is off): ' || remedy || '.'
            when obstacle = 'none before'
                then
                    'No counted deployment of ' || coalesce(services, 'any service')
                    || ' finished at or before the start: look at services[].deployments, or ' || remedy || '.'
            else
                'The nearest, ' || nearest_deployment_id || ' of ' || nearest_service || ', finished '
                || cast(nearest_seconds as string) || ' seconds before the start, and metrics.failure_window is '
                || failure_window || ' seconds: ' || remedy || '.'
        end as what_would_link,
        decided_by,
        decision_reason,
        {{ build_id() }} as build_id
    from judged
)

select * from final
