-- Incidents of the range by the team that they affected ('' where they name none).
with

by_team as (
{metric
    dimension: 'team'
    dimension_value: coalesce(m.team, '')
    period: 'whole'
    from_date: cast(@from_date as date)
    to_date: cast(@as_of_date as date)
    filters: {parts/measure_filter}
    labels_only: (@field = '')
    metrics: metrics.metric = 'incidents'
}
)

select
    dimension_value as team,
    value,
    low,
    high
from by_team
where value > 0
order by
    value desc,
    team
