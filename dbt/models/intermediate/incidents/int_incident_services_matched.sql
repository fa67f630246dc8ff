-- Which configured services an incident names, by the values of its custom fields (I8). A value counts under its
-- present name and under the one that the incident carries, so that a rename at the source loses nothing. A row of a
-- file names services themselves.
with

named as (
    {{ json_items(ref('int_incidents_of_files'), ['incident_id'], 'services_json') }}
),

matches as (
    select
        fields.incident_id,
        config.service
    from {{ ref('int_incident_fields_unnested') }} as fields
    inner join {{ ref('config_incident_values') }} as config
        on
            lower(config.field) in (lower(fields.field), lower(fields.embedded_field))
            and lower(config.value) in (lower(fields.value), lower(fields.embedded_value))
    union all
    select
        named.incident_id,
        {{ item_text('named.item') }} as service
    from named
    inner join {{ ref('int_incidents_joined') }} as incidents
        on named.incident_id = incidents.incident_id
),

final as (
    select distinct
        matches.incident_id,
        services.service,
        services.team
    from matches
    inner join {{ ref('config_services') }} as services
        on lower(matches.service) = lower(services.service)
)

select * from final
