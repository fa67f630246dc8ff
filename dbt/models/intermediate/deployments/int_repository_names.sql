-- Every name that a repository has had while it was read, or that the configuration has for it, in lower case, and the
-- name that it has now, or had last: what people wrote before a rename is still understood.
with

repositories as (
    select distinct
        repository_id,
        repository
    from {{ source('ship', 'ship_repositories') }}
),

names as (
    select
        id as repository_id,
        lower(name) as name,
        max(_observed_at) as last_seen_at
    from {{ source('github', 'github_repositories') }}
    where name is not null and _observed_at <= {{ as_of() }}
    group by id, lower(name)
    union distinct
    select
        id as repository_id,
        lower(configured_name) as name,
        cast(null as {{ type_instant() }}) as last_seen_at
    from {{ source('github', 'github_repositories') }}
    where configured_name is not null and _observed_at <= {{ as_of() }}
    union distinct
    select
        repository_id,
        lower(repository) as name,
        cast(null as {{ type_instant() }}) as last_seen_at
    from repositories
),

final as (
    select
        names.name,
        names.repository_id,
        repositories.repository
    from names
    inner join repositories
        on names.repository_id = repositories.repository_id
    where true
    qualify
        row_number() over (
            partition by names.name
            order by
                case when lower(repositories.repository) = names.name then 0 else 1 end asc,
                names.last_seen_at desc nulls last,
                names.repository_id asc
        ) = 1
)

select * from final
