-- What can be chosen in the filters, the first and last local date that have anything, and what deployments there are:
-- counted ones, and any at all. The detail of a service is its team.
with

choices as (
    select 'severity' as kind, severity as value, cast(null as string) as detail, severity_rank as place
    from {marts}dim_severities
    union all
    select 'severity' as kind, severity as value, cast(null as string) as detail, severity_rank as place
    from {marts}fct_incidents
    where severity is not null
    union all
    select 'service' as kind, service as value, team as detail, cast(0 as int64) as place
    from {marts}dim_services
    union all
    select 'team' as kind, team as value, cast(null as string) as detail, cast(0 as int64) as place
    from {marts}dim_services
    where team is not null
    union all
    select 'repository' as kind, repository as value, cast(null as string) as detail, cast(0 as int64) as place
    from {marts}fct_deployments
    union all
    select 'deployments' as kind, case when is_counted then 'counted' else 'excluded' end as value, cast(null as string) as detail, cast(0 as int64) as place
    from {marts}fct_deployments
    union all
    select 'first_date' as kind, cast(min(local_date) as string) as value, cast(null as string) as detail, cast(0 as int64) as place
    from {marts}fct_measures
    union all
    select 'last_date' as kind, cast(max(local_date) as string) as value, cast(null as string) as detail, cast(0 as int64) as place
    from {marts}fct_measures
)

select
    kind,
    value,
    max(detail) as detail,
    max(place) as place
from choices
where value is not null
group by kind, value
order by kind, place desc, value
