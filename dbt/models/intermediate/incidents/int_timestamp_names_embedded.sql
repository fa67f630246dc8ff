-- The names of timestamps that incidents carry: those of present versions, and those of older versions that mention a
-- configured name. An older version is opened only if it does, since there may be very many.
with

wanted as (
    select distinct lower(name) as name
    from {{ ref('config_timestamps') }}
    where lower(name) not in ('created_at', 'left_live', 'entered_live')
),

present_names as (
    select distinct
        timestamp_id,
        embedded_name as name
    from {{ ref('int_incident_timestamps_unnested') }}
    where embedded_name is not null
),

missing as (
    select wanted.name
    from wanted
    left join present_names
        on wanted.name = lower(present_names.name)
    left join {{ ref('stg_incidentio__incident_timestamps') }} as definitions
        on wanted.name = lower(definitions.name)
    where present_names.name is null and definitions.timestamp_id is null
),

mentions as (
    select distinct
        versions.id,
        versions._observed_at,
        versions.timestamps
    from {{ source('incidentio', 'incidentio_incidents') }} as versions
    inner join missing
        on strpos(lower(versions.timestamps), missing.name) > 0
    where versions._observed_at <= {{ as_of() }}
),

items as (
    {{ json_items('mentions', ['id'], 'timestamps') }}
),

older_names as (
    select distinct
        {{ member('item', 'id') }} as timestamp_id,
        {{ member('item', 'name') }} as name
    from items
),

final as (
    select
        timestamp_id,
        name
    from present_names
    union distinct
    select
        timestamp_id,
        name
    from older_names
    where name is not null
)

select * from final
