-- What can be chosen in the filters, the first and last local date that have anything, and what deployments there are:
-- counted ones, and any at all. The detail of a service is its team, that of a value of a custom field the field's name; of a
-- field the most frequent values are here, if it is chosen from a list. The place orders the choices of a kind, the greatest first.
with

fields as (
    select
        field,
        value,
        count(*) as incidents,
        row_number() over (
            partition by field
            order by count(*) desc, value
        ) as place
    from {marts}fct_incident_fields
    where field_type in ('single_select', 'multi_select')
    group by field, value
),

choices as (
    select 'severity' as kind, severity as value, cast(null as string) as detail, severity_rank as place
    from {marts}dim_severities
    union all
    select 'severity' as kind, severity as value, cast(null as string) as detail, severity_rank as place
    from {marts}fct_incidents
    where severity is not null
    union all
    select 'incident_type' as kind, incident_type as value, cast(null as string) as detail, cast(0 as int64) as place
    from {marts}fct_incidents
    union all
    select 'field' as kind, value, field as detail, incidents as place
    from fields
    where place <= 200
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
    detail,
    max(place) as place
from choices
where value is not null
group by kind, value, detail
order by kind, case when kind = 'field' then detail end, place desc, value
