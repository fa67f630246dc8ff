-- What each metric means, in English and Japanese.
select
    metric,
    kind,
    unit,
    better,
    rules,
    level_year,
    level_comparison,
    level_elite,
    level_high,
    level_medium,
    title_en,
    title_ja,
    description_en,
    description_ja
from {marts}dim_metrics
order by metric
