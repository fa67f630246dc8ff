-- Each value of each custom field of an incident, under the present names of field and option.
with

items as (
    {{ json_items(ref('stg_incidentio__incidents'), ['incident_id'], 'custom_fields_json') }}
),

fields as (
    select
        incident_id,
        {{ member('item', 'id') }} as field_id,
        {{ member('item', 'name') }} as embedded_field,
        {{ member('item', 'type') }} as embedded_type,
        {{ member_json('item', 'values') }} as values_json
    from items
),

choices as (
    {{ json_items('fields', ['incident_id', 'field_id', 'embedded_field', 'embedded_type'], 'values_json') }}
),

field_values as (
    select
        incident_id,
        field_id,
        embedded_field,
        embedded_type,
        {{ member('item', 'id') }} as value_id,
        {{ member('item', 'value') }} as embedded_value
    from choices
),

named as (
    select
        field_values.incident_id,
        field_values.field_id,
        field_values.value_id,
        coalesce(definitions.name, field_values.embedded_field) as field,
        coalesce(definitions.field_type, field_values.embedded_type) as field_type,
        coalesce(options.value, field_values.embedded_value) as value
    from field_values
    inner join {{ ref('int_incidents_joined') }} as incidents
        on field_values.incident_id = incidents.incident_id
    left join {{ ref('stg_incidentio__custom_fields') }} as definitions
        on field_values.field_id = definitions.field_id
    left join {{ ref('stg_incidentio__custom_field_options') }} as options
        on field_values.value_id = options.option_id
),

final as (
    select distinct
        incident_id,
        field_id,
        value_id,
        field,
        field_type,
        value
    from named
    where field is not null and value is not null
)

select * from final
