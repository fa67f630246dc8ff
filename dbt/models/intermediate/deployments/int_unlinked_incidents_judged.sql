-- What keeps each counted incident without a cause from having one (L4), and what a person can do about it.
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

final as (
    select
        unlinked.incident_id,
        unlinked.reference,
        unlinked.started_at,
        unlinked.services,
        unlinked.decision_line,
        unlinked.decided_by,
        unlinked.decision_reason,
        unlinked.line_problem,
        unlinked.line_problem_ja,
        unlinked.field_value,
        unlinked.attachment_problem,
        unlinked.attachment_problem_ja,
        unlinked.nearest_deployment_id,
        unlinked.nearest_service,
        unlinked.nearest_seconds,
        {{ said('whose', [
            {'when': 'unlinked.services is not null', 'en': '{unlinked.services}', 'ja': '{unlinked.services}の'},
            {'en': 'any service', 'ja': ''},
        ]) }},
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
        {{ said('remedy', [
            {
                'when': 'settings.cause_field is null',
                'en': 'set metrics.cause_field to a custom field and name the deployment there, or in metrics.links',
                'ja': 'metrics.cause_fieldにカスタムフィールドを設定してそこにデプロイを記入するか、metrics.linksで指定してください',
            },
            {
                'en': 'name the deployment in the field "{settings.cause_field}", or in metrics.links',
                'ja': 'フィールド「{settings.cause_field}」またはmetrics.linksでデプロイを指定してください',
            },
        ]) }}
    from {{ ref('int_incidents_unlinked') }} as unlinked
    cross join settings
    cross join lone_service
    cross join service_fields
)

select * from final
