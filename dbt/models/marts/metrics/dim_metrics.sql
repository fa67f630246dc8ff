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
    description_ja,
    {{ build_id() }} as build_id
from {{ ref('metrics') }}
