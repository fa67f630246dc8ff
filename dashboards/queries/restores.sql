-- Every time to restore of the range: an incident a row, as the metric template keeps it. An incident that has one row at most
-- under the filter is cut by time before the earliest is looked for, which is the same and faster.
with

measured as (
    select
        m.object_id,
        m.at as measured_at,
        m.local_date,
        m.value,
        row_number() over (
            partition by m.object_id
            order by m.at, coalesce(m.service, '')
        ) as place
    from {marts}fct_measures as m
    where
        m.metric = 'time_to_restore_median_seconds'
        and {parts/measure_filter}
        and (m.is_earliest or not (@service = '' and @team = ''))
        and (
            m.local_date between cast(@from_date as date) and cast(@as_of_date as date)
            or not (m.is_lone or (@service = '' and @team = ''))
        )
)

select
    incidents.incident_id,
    incidents.reference,
    incidents.name,
    coalesce(incidents.severity, '') as severity,
    measured.value as seconds,
    measured.measured_at
from measured
inner join {marts}fct_incidents as incidents
    on measured.object_id = incidents.incident_id
where
    measured.place = 1
    and measured.local_date between cast(@from_date as date) and cast(@as_of_date as date)
order by
    measured.measured_at desc,
    incidents.incident_id
limit @row_limit
