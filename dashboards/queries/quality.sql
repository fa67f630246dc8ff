-- Findings about the data, by severity and rule, and the first of each in words.
with

ranked as (
    select
        severity,
        rule,
        detail,
        detail_ja,
        count(*) over (partition by severity, rule) as findings,
        row_number() over (
            partition by severity, rule
            order by detail, object_type, object_id
        ) as place
    from {marts}data_quality
)

select
    severity,
    rule,
    findings,
    detail as example,
    detail_ja as example_ja
from ranked
where place = 1
order by
    case severity when 'error' then 1 when 'warn' then 2 else 3 end,
    findings desc,
    rule
