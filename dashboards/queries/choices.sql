-- What can be chosen in the filters, and the first and last local date that have anything.
with

choices as (
    select 'severity' as kind, severity as value, severity_rank as place
    from {marts}dim_severities
    union all
    select 'severity' as kind, severity as value, severity_rank as place
    from {marts}fct_incidents
    where severity is not null
    union all
    select 'service' as kind, service as value, cast(0 as int64) as place
    from {marts}dim_services
    union all
    select 'team' as kind, team as value, cast(0 as int64) as place
    from {marts}dim_services
    where team is not null
    union all
    select 'first_date' as kind, cast(min(local_date) as string) as value, cast(0 as int64) as place
    from {marts}fct_measures
    union all
    select 'last_date' as kind, cast(max(local_date) as string) as value, cast(0 as int64) as place
    from {marts}fct_measures
)

select
    kind,
    value,
    max(place) as place
from choices
where value is not null
group by kind, value
order by kind, place desc, value
