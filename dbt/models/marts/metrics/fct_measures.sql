with

final as (
    select
        metrics.metric,
        'incident' as object_type,
        measures.incident_id as object_id,
        measures.measured_at as {{ adapter.quote('at') }},
        {{ local_date('measures.measured_at') }} as local_date,
        services.service,
        services.team,
        cast(null as string) as repository,
        measures.severity,
        measures.incident_type,
        measures.value,
        cast(null as int64) as numerator,
        cast(null as int64) as denominator,
        measures.rule,
        {{ build_id() }} as build_id
    from {{ ref('int_incident_measures') }} as measures
    inner join {{ ref('dim_metrics') }} as metrics
        on measures.measure = metrics.measure
    left join {{ ref('int_incident_services_matched') }} as services
        on measures.incident_id = services.incident_id
)

select * from final
