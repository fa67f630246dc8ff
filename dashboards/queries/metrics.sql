-- What each metric means, in English and Japanese.
select
    metric,
    kind,
    unit,
    better,
    rules,
    title_en,
    title_ja,
    description_en,
    description_ja
from {marts}dim_metrics
order by metric
