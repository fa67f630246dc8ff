-- Findings about the data of one deployment, and of the changes and commits that it shipped. The id of a commit ends with
-- its sha.
select
    findings.severity,
    findings.rule,
    findings.object_type,
    findings.object_id,
    findings.detail,
    findings.detail_ja
from {marts}data_quality as findings
where
    (
        findings.object_type = 'deployment'
        and findings.object_id = @deployment
    )
    or (
        findings.object_type = 'change'
        and findings.object_id in (
            select changes.change_id
            from {marts}fct_changes as changes
            where changes.deployment_id = @deployment
        )
    )
    or (
        findings.object_type = 'commit'
        and right(findings.object_id, 40) in (
            select commits.sha
            from {marts}fct_commits as commits
            where commits.deployment_id = @deployment
        )
    )
order by
    case findings.severity when 'error' then 1 when 'warn' then 2 else 3 end,
    findings.rule,
    findings.object_id,
    findings.detail
limit @row_limit
