with

final as (
    select
        incident_id,
        field,
        value,
        min(field_type) as field_type,
        {{ build_id() }} as build_id
    from {{ ref('int_incident_fields_unnested') }}
    group by incident_id, field, value
)

select * from final
