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
)

select
    declared.severity as declared_severity,
    ranked.severity,
    count(of_range.severity) as incidents,
    declared.severity_rank as declared_severity_rank,
    ranked.severity_rank
from ranked as declared
cross join ranked
left join of_range
    on declared.severity = of_range.declared_severity and ranked.severity = of_range.severity
group by
    declared.severity,
    declared.severity_rank,
    ranked.severity,
    ranked.severity_rank
order by
    declared_severity_rank,
    declared_severity,
    severity_rank,
    severity
