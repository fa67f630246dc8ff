{#- Whoever asks, asks about a few metrics of some time: rows lie together by these. -#}
{{ config(cluster_by = ['metric', 'local_date']) }}

with

placed as (
    select
        measures.*,
        count(*) over (partition by measures.measure, measures.object_id) = 1 as is_lone,
        row_number() over (
            partition by measures.measure, measures.object_id
            order by measures.measured_at, coalesce(measures.service, '')
        ) = 1 as is_earliest,
        measures.measured_at = min(measures.measured_at) over (
            partition by
                measures.measure,
                measures.service,
                measures.team,
                measures.repository,
                measures.severity,
                measures.incident_type
        ) as is_group_first
    from {{ ref('int_measures') }} as measures
),

final as (
    select
        metrics.metric,
        placed.object_type,
        placed.object_id,
        placed.measured_at as {{ adapter.quote('at') }},
        {{ local_date('placed.measured_at') }} as local_date,
        placed.service,
        placed.team,
        placed.repository,
        placed.severity,
        placed.incident_type,
        placed.value,
        placed.numerator,
        placed.denominator,
        placed.rule,
        placed.is_lone,
        placed.is_earliest,
        placed.is_group_first,
        {{ build_id() }} as build_id
    from placed
    inner join {{ ref('dim_metrics') }} as metrics
        on placed.measure = metrics.measure
)

select * from final
{{ 'order by metric, local_date' if target.type == 'duckdb' }}
