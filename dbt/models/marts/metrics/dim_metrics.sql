with

levels_in_use as (
    select
        metric,
        year,
        comparison,
        elite,
        high,
        medium
    from {{ ref('levels') }}
    where cast(year as string) = {{ setting('levels') }}
)

select
    metrics.metric,
    metrics.measure,
    metrics.object_type,
    metrics.kind,
    metrics.aggregate,
    metrics.unit,
    metrics.better,
    metrics.rules,
    metrics.title_en,
    metrics.title_ja,
    metrics.description_en,
    metrics.description_ja,
    levels.year as level_year,
    levels.comparison as level_comparison,
    levels.elite as level_elite,
    levels.high as level_high,
    levels.medium as level_medium,
    {{ build_id() }} as build_id
from {{ ref('metrics') }} as metrics
left join levels_in_use as levels
    on metrics.metric = levels.metric
