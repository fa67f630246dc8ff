-- Which custom fields the configured names mean, by their present names: a field is known by the name that it has, and
-- by one that it has had and no field has now, so that a rename at the source changes no number. What an incident
-- carries is not asked: that is what the field was called when the incident was last seen.
with

wanted as (
    select distinct lower(field) as name
    from {{ ref('config_incident_values') }}
    union distinct
    select lower(value) as name
    from {{ ref('config_settings') }}
    where name = 'cause_field' and value is not null
),

present_names as (
    select
        field_id,
        lower(name) as name
    from {{ ref('stg_incidentio__custom_fields') }}
),

former_names as (
    select distinct
        versions.id as field_id,
        lower(versions.name) as name
    from {{ source('incidentio', 'incidentio_custom_fields') }} as versions
    left join present_names
        on lower(versions.name) = present_names.name
    where versions.name is not null and versions._observed_at <= {{ as_of() }} and present_names.name is null
),

final as (
    select
        name as configured_name,
        name
    from wanted
    union distinct
    select
        wanted.name as configured_name,
        present_names.name
    from wanted
    inner join former_names on wanted.name = former_names.name
    inner join present_names on former_names.field_id = present_names.field_id
)

select * from final
