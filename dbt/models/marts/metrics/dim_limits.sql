select
    n,
    count_low,
    count_high,
    median_low_rank,
    median_high_rank,
    p90_low_rank,
    p90_high_rank,
    {{ build_id() }} as build_id
from {{ ref('stats_limits') }}
