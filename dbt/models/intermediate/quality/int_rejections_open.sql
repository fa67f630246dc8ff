-- What was set aside and has not landed since: a rejection is settled by any later version of the same object.
{%- set tables = [
    'incidentio_incidents', 'incidentio_severities', 'incidentio_incident_statuses', 'incidentio_incident_types',
    'incidentio_incident_timestamps', 'incidentio_incident_roles', 'incidentio_custom_fields',
    'incidentio_custom_field_options', 'incidentio_incident_updates', 'incidentio_follow_ups',
    'incidentio_incident_attachments', 'incidentio_users',
] %}

with

rejected as (
    select
        rejection_id,
        table_name,
        object_id,
        column_name,
        reason,
        is_landed,
        observed_at
    from {{ ref('stg_fourfold__rejected') }}
),

landed as (
    {%- for table in tables %}
    select
        '{{ table }}' as table_name,
        ledger.id as object_id,
        max(ledger._observed_at) as observed_at
    from {{ source('incidentio', table) }} as ledger
    inner join rejected
        on rejected.table_name = '{{ table }}' and ledger.id = rejected.object_id
    where ledger._observed_at <= {{ as_of() }}
    group by ledger.id
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

final as (
    select
        rejected.rejection_id,
        rejected.table_name,
        rejected.object_id,
        rejected.column_name,
        rejected.reason,
        rejected.is_landed
    from rejected
    left join landed
        on
            rejected.table_name = landed.table_name
            and rejected.object_id = landed.object_id
            and rejected.observed_at < landed.observed_at
    where landed.object_id is null
)

select * from final
