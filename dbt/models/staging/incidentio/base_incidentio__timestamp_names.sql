{#-
    BigQuery bills for the texts of all versions, whether they are opened or not: a build goes on from the rows of the one
    before it. DuckDB opens the few versions that may have what is missed instead.
-#}
{{
    config(
        materialized = 'incremental' if target.type == 'bigquery' else 'ephemeral',
        unique_key = ['timestamp_id', 'name']
    )
}}

with

versions as (
    select
        id,
        _observed_at,
        timestamps
    from {{ source('incidentio', 'incidentio_incidents') }}
    where _observed_at <= {{ as_of() }} {{ 'and _observed_at > ' ~ carried_since('last_seen_at') if goes_on() }}
),

items as (
    {{ json_items('versions', ['_observed_at'], 'timestamps') }}
),

named as (
    select
        {{ member('item', 'id') }} as timestamp_id,
        {{ member('item', 'name') }} as name,
        _observed_at
    from items
),

final as (
    select
        timestamp_id,
        name,
        max(_observed_at) as last_seen_at
    from named
    where timestamp_id is not null and name is not null
    group by timestamp_id, name
)

select * from final
