-- Every name that a repository has had while it was read, in lower case, and the name that it has now: what people wrote
-- before a rename is still understood.
with

names as (
    select
        id as repository_id,
        lower(name) as name,
        max(_observed_at) as last_seen_at
    from {{ source('github', 'github_repositories') }}
    where name is not null and _observed_at <= {{ as_of() }}
    group by id, lower(name)
),

final as (
    select
        names.name,
        names.repository_id,
        repositories.repository
    from names
    inner join {{ ref('stg_github__repositories') }} as repositories
        on names.repository_id = repositories.repository_id
    where true
    qualify
        row_number() over (
            partition by names.name
            order by
                case when lower(repositories.repository) = names.name then 0 else 1 end,
                names.last_seen_at desc,
                names.repository_id
        ) = 1
)

select * from final
