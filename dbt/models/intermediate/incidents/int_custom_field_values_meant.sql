-- Which values of custom fields the configured ones mean, by their present words: an option is known by the words that
-- it has, and by those that it has had and no option of its field has now.
with

wanted as (
    select distinct lower(value) as value
    from {{ ref('config_incident_values') }}
),

present_values as (
    select
        option_id,
        field_id,
        lower(value) as value
    from {{ ref('stg_incidentio__custom_field_options') }}
),

former_values as (
    select distinct
        versions.id as option_id,
        lower(versions.value) as value
    from {{ source('incidentio', 'incidentio_custom_field_options') }} as versions
    left join present_values
        on
            versions.custom_field_id = present_values.field_id
            and lower(versions.value) = present_values.value
    where versions.value is not null and versions._observed_at <= {{ as_of() }} and present_values.option_id is null
),

final as (
    select
        cast(null as string) as option_id,
        value as configured_value,
        value
    from wanted
    union distinct
    select
        present_values.option_id,
        wanted.value as configured_value,
        present_values.value
    from wanted
    inner join former_values on wanted.value = former_values.value
    inner join present_values on former_values.option_id = present_values.option_id
)

select * from final
