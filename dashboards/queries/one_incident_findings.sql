-- Findings about the data of one incident.
select
    findings.severity,
    findings.rule,
    findings.object_type,
    findings.object_id,
    findings.detail,
    findings.detail_ja
from {marts}data_quality as findings
where
    findings.object_type = 'incident'
    and findings.object_id = @incident
order by
    case findings.severity when 'error' then 1 when 'warn' then 2 else 3 end,
    findings.rule,
    findings.detail
limit @row_limit
