-- C1: to an environment of a service each commit is shipped at most once, whatever the case of the environment's name.
select
    service,
    repository_id,
    lower(environment) as environment,
    sha,
    count(*) as occurrences
from {{ source('ship', 'shipped_commits') }}
group by service, repository_id, lower(environment), sha
having count(*) > 1
