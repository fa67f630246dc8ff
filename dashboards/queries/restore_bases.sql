-- By which timestamp or move the counted incidents of the range start, are acknowledged and end ('' where there is none).
with

begun as (
    select
        incidents.incident_id,
        incidents.restore_start_basis,
        incidents.acknowledge_basis,
        incidents.restore_end_basis
    from {marts}fct_incidents as incidents
    where
        {parts/counted_incidents}
),

bases as (
    select
        'start' as moment,
        1 as moment_class,
        coalesce(restore_start_basis, '') as basis
    from begun
    union all
    select
        'acknowledged' as moment,
        2 as moment_class,
        coalesce(acknowledge_basis, '') as basis
    from begun
    union all
    select
        'end' as moment,
        3 as moment_class,
        coalesce(restore_end_basis, '') as basis
    from begun
)

select
    moment_class,
    moment,
    basis,
    count(*) as incidents
from bases
group by
    moment_class,
    moment,
    basis
order by
    moment_class,
    incidents desc,
    basis
