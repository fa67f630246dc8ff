-- Findings about the data, by severity and rule.
select
    severity,
    rule,
    count(*) as findings,
    min(detail) as example
from {marts}data_quality
group by severity, rule
order by
    case severity when 'error' then 1 when 'warn' then 2 else 3 end,
    findings desc,
    rule
