-- Findings about the data, each by itself.
select
    findings.severity,
    findings.rule,
    findings.object_type,
    findings.object_id,
    findings.detail,
    findings.detail_ja
from {marts}data_quality as findings
order by
    case findings.severity when 'error' then 1 when 'warn' then 2 else 3 end,
    findings.rule,
    findings.object_id,
    findings.detail
limit @row_limit
