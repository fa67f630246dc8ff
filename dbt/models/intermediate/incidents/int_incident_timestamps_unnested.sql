-- Each timestamp that is set on an incident, under its definition's present name; those of files under their own.
with

items as (
    {{ json_items(ref('stg_incidentio__incidents'), ['incident_id'], 'timestamps_json') }}
),

read_items as (
    select
        incident_id,
        {{ member('item', 'id') }} as timestamp_id,
        {{ member('item', 'name') }} as embedded_name,
        {{ instant_from_text(member('item', 'at')) }} as happened_at
    from items
    where {{ member('item', 'at') }} is not null
),

set_once as (
    select
        incident_id,
        timestamp_id,
        min(embedded_name) as embedded_name,
        min(happened_at) as happened_at
    from read_items
    where happened_at is not null
    group by incident_id, timestamp_id
),

final as (
    select
        files.incident_id,
        files.timestamp_id,
        cast(null as string) as embedded_name,
        files.name,
        files.happened_at
    from {{ ref('int_incident_timestamps_of_files') }} as files
    inner join {{ ref('int_incidents_joined') }} as incidents
        on files.incident_id = incidents.incident_id
    union all
    select
        set_once.incident_id,
        set_once.timestamp_id,
        set_once.embedded_name,
        coalesce(definitions.name, set_once.embedded_name) as name,
        set_once.happened_at
    from set_once
    inner join {{ ref('int_incidents_joined') }} as incidents
        on set_once.incident_id = incidents.incident_id
    left join {{ ref('stg_incidentio__incident_timestamps') }} as definitions
        on set_once.timestamp_id = definitions.timestamp_id
)

select * from final
