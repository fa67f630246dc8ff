-- Incidents of the range by the values of a custom field: the chosen one, else all of those whose values are chosen from
-- a list; the most frequent values.
with

by_value as (
{metric
    dimension: 'field:' || fields.field
    dimension_value: fields.value
    joins: inner join {marts}fct_incident_fields as fields on m.object_id = fields.incident_id
    period: 'whole'
    from_date: cast(@from_date as date)
    to_date: cast(@as_of_date as date)
    filters: m.metric = 'incidents'
        and {parts/measure_attributes}
        and (@field = '' or fields.field = @field)
        and fields.field_type in ('single_select', 'multi_select')
    objects_only: (@service = '' and @team = '')
    metrics: metrics.metric = 'incidents'
}
)

select
    substr(dimension, 7) || ': ' || dimension_value as choice,
    value,
    low,
    high
from by_value
where value > 0
order by
    value desc,
    choice
limit 50
