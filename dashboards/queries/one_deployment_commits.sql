-- The commits that one deployment was the first to bring to production, each once: the newest 200, and how many there are.
with

once as (
    select
        commits.repository,
        commits.sha,
        min(commits.authored_at) as authored_at,
        min(commits.change_id) as change_id,
        min(commits.lead_time_seconds) as lead_time_seconds,
        min(commits.exclusion_reason) as exclusion_reason,
        max(case when commits.is_counted then 1 else 0 end) as counted
    from {marts}fct_commits as commits
    where commits.deployment_id = @deployment
    group by
        commits.repository,
        commits.sha
),

numbered as (
    select
        once.*,
        row_number() over (
            order by
                case when once.authored_at is null then 1 else 0 end,
                once.authored_at desc,
                once.sha
        ) as place,
        count(*) over () as commits
    from once
)

select
    numbered.repository,
    numbered.sha,
    repositories.url || '/commit/' || numbered.sha as url,
    numbered.authored_at,
    numbered.change_id,
    numbered.lead_time_seconds,
    numbered.counted = 1 as is_counted,
    numbered.exclusion_reason,
    numbered.commits
from numbered
left join {marts}dim_repositories as repositories
    on numbered.repository = repositories.repository
where numbered.place <= 200
order by numbered.place
