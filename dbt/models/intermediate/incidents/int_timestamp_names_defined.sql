-- Which timestamps of incident.io the configured names mean (I4): by id, so that a rename at the source changes no
-- number. A name is looked for among the present definitions, then among earlier ones, then among the names that
-- incidents carry.
with

wanted as (
    select
        purpose,
        position,
        name
    from {{ ref('config_timestamps') }}
    where lower(name) not in ('created_at', 'left_live', 'entered_live')
    -- What fct_incidents shows, or a file gives, under these names whatever is configured.
    {%- for purpose, name in shown_timestamps().items() %}
    union all
    select
        '{{ purpose }}' as purpose,
        1 as position,
        '{{ name }}' as name
    {%- endfor %}
),

known as (
    select
        1 as priority,
        timestamp_id,
        name
    from {{ ref('stg_incidentio__incident_timestamps') }}
    union all
    select
        2 as priority,
        id as timestamp_id,
        name
    from {{ source('incidentio', 'incidentio_incident_timestamps') }}
    where name is not null and _observed_at <= {{ as_of() }}
    union all
    select
        3 as priority,
        timestamp_id,
        name
    from {{ ref('int_timestamp_names_embedded') }}
),

matches as (
    select
        wanted.purpose,
        wanted.position,
        wanted.name as configured_name,
        known.timestamp_id,
        min(known.priority) as priority
    from wanted
    inner join known
        on lower(wanted.name) = lower(known.name)
    group by wanted.purpose, wanted.position, wanted.name, known.timestamp_id
),

best as (
    select
        purpose,
        position,
        min(priority) as priority
    from matches
    group by purpose, position
),

resolved as (
    select
        matches.purpose,
        matches.position,
        matches.timestamp_id,
        matches.priority
    from matches
    inner join best
        on
            matches.purpose = best.purpose
            and matches.position = best.position
            and matches.priority = best.priority
),

final as (
    select
        wanted.purpose,
        wanted.position,
        wanted.name as configured_name,
        resolved.timestamp_id,
        definitions.name as present_name,
        resolved.priority > 1 as is_renamed
    from wanted
    left join resolved
        on wanted.purpose = resolved.purpose and wanted.position = resolved.position
    left join {{ ref('stg_incidentio__incident_timestamps') }} as definitions
        on resolved.timestamp_id = definitions.timestamp_id
)

select * from final
