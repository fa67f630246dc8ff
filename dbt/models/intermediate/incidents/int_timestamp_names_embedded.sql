-- The names of timestamps that incidents carry: those of present versions, and those of older versions that are looked
-- for and that nothing has now. An older version is opened only if it mentions one, since there may be very many.
with

wanted as (
    select lower(name) as name
    from {{ ref('config_timestamps') }}
    where lower(name) not in ('created_at', 'left_live', 'entered_live')
    {%- for name in shown_timestamps().values() %}
    union distinct
    select '{{ name | lower }}' as name
    {%- endfor %}
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

{% if target.type == 'bigquery' -%}
older_names as (
    select
        seen.timestamp_id,
        seen.name
    from {{ ref('base_incidentio__timestamp_names') }} as seen
    inner join missing
        on lower(seen.name) = missing.name
),
{%- else -%}
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

named as (
    select distinct
        {{ member('item', 'id') }} as timestamp_id,
        {{ member('item', 'name') }} as name
    from items
),

older_names as (
    select
        named.timestamp_id,
        named.name
    from named
    inner join missing
        on lower(named.name) = missing.name
    where named.timestamp_id is not null
),
{%- endif %}

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
)

select * from final
