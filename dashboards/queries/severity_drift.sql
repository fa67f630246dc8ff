-- Counted incidents by the severity that they were declared with and the one that they have now ('' where there is none): every
-- pair of severities that occur, with 0 where no incident is of it.
with

of_range as (
    select
        coalesce(incidents.declared_severity, '') as declared_severity,
        coalesce(incidents.severity, '') as severity
    from {marts}fct_incidents as incidents
    where
        {parts/counted_incidents}
),

kinds as (
    select declared_severity as severity from of_range
    union distinct
    select severity from of_range
),

ranks as (
    select
        severity,
        max(severity_rank) as severity_rank
    from {marts}dim_severities
    group by severity
),

ranked as (
    select
        kinds.severity,
        coalesce(ranks.severity_rank, 0) as severity_rank
    from kinds
    left join ranks
        on kinds.severity = ranks.severity
),

corrected as (
    select
        declared_severity,
        severity,
        count(*) as incidents
    from of_range
    group by
        declared_severity,
        severity
)

select
    declared.severity as declared_severity,
    ranked.severity,
    coalesce(corrected.incidents, 0) as incidents,
    declared.severity_rank as declared_severity_rank,
    ranked.severity_rank
from ranked as declared
cross join ranked
left join corrected
    on declared.severity = corrected.declared_severity and ranked.severity = corrected.severity
order by
    declared_severity_rank,
    declared_severity,
    severity_rank,
    severity
