-- Which configured services an incident names, by the values of its custom fields (I8), renamed ones included. A
-- row of a file names services themselves.
with

named as (
    {{ json_items(ref('int_incidents_of_files'), ['incident_id'], 'services_json') }}
),

matches as (
    select
        fields.incident_id,
        config.service
    from {{ ref('int_incident_fields_unnested') }} as fields
    inner join {{ ref('int_custom_field_names_meant') }} as field_names
        on lower(fields.field) = field_names.name
    inner join {{ ref('int_custom_field_values_meant') }} as field_values
        on
            lower(fields.value) = field_values.value
            and coalesce(field_values.option_id, fields.value_id, '') = coalesce(fields.value_id, '')
    inner join {{ ref('config_incident_values') }} as config
        on
            field_names.configured_name = lower(config.field)
            and field_values.configured_value = lower(config.value)
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
