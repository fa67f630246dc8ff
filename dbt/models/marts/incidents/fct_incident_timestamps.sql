with

final as (
    select
        incident_id,
        timestamp_id,
        name,
        happened_at as {{ adapter.quote('at') }},
        {{ build_id() }} as build_id
    from {{ ref('int_incident_timestamps_unnested') }}
    where name is not null
)

select * from final
