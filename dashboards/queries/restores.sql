-- Every time to restore of the range: an incident a row, as the metric template keeps it.
with

measured as (
    select
        object_id,
        at,
        value,
        row_number() over (
            partition by object_id
            order by at, coalesce(service, '')
        ) as place
    from {marts}fct_measures
    where
        metric = 'time_to_restore'
        and local_date between cast(@from_date as date) and cast(@as_of_date as date)
        and {parts/measure_filter}
)

select
    incidents.incident_id,
    incidents.reference,
    incidents.name,
    coalesce(incidents.severity, '') as severity,
    measured.value as seconds,
    measured.at
from measured
inner join {marts}fct_incidents as incidents
    on measured.object_id = incidents.incident_id
where measured.place = 1
order by
    measured.at desc,
    incidents.incident_id
limit @row_limit
