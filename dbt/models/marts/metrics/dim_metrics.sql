{%- set aggregates = {
    'median': {
        'metric': '_median_seconds',
        'title_en': ' (median)',
        'title_ja': '（中央値）',
        'description_en': 'Half of the counted incidents that have both times took at most this long',
        'description_ja': 'までの時間の中央値。',
    },
    'p90': {
        'metric': '_p90_seconds',
        'title_en': ' (90th percentile)',
        'title_ja': '（90パーセンタイル）',
        'description_en': 'Nine in ten of the counted incidents that have both times took at most this long',
        'description_ja': 'までの時間の90パーセンタイル。',
    },
} -%}

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
),

-- What further durations (metrics.durations) are made of and called.
further_durations as (
    select
        config.name,
        config.slug,
        beginning.name as from_name,
        ending.name as to_name
    from {{ ref('config_durations') }} as config
    inner join {{ ref('config_timestamps') }} as beginning
        on 'duration_from:' || config.slug = beginning.purpose
    inner join {{ ref('config_timestamps') }} as ending
        on 'duration_to:' || config.slug = ending.purpose
),

metrics as (
    select
        metric,
        measure,
        object_type,
        kind,
        aggregate,
        unit,
        better,
        rules,
        title_en,
        title_ja,
        description_en,
        description_ja
    from {{ ref('metrics') }}
    {%- for aggregate, words in aggregates.items() %}
    union all
    select
        slug || '{{ words.metric }}' as metric,
        slug || '_median_seconds' as measure,
        'incident' as object_type,
        'duration' as kind,
        '{{ aggregate }}' as aggregate,
        'seconds' as unit,
        'lower' as better,
        'I4 I7 C5 M1' as rules,
        name || '{{ words.title_en }}' as title_en,
        name || '{{ words.title_ja }}' as title_ja,
        '{{ words.description_en }} from "' || from_name || '" to "' || to_name || '".' as description_en,
        '対象インシデントの、「' || from_name || '」から「' || to_name || '」{{ words.description_ja }}' as description_ja
    from further_durations
    {%- endfor %}
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
from metrics
left join levels_in_use as levels
    on metrics.metric = levels.metric
