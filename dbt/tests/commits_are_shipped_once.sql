-- C1: to an environment each commit is shipped at most once.
select
    service,
    repository_id,
    environment,
    sha,
    count(*) as occurrences
from {{ source('ship', 'shipped_commits') }}
group by service, repository_id, environment, sha
having count(*) > 1
