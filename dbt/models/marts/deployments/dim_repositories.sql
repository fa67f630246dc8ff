-- Under the names that deployments and changes have: a name that a new repository has taken over is the new one's.
with

named as (
    select distinct
        repository_id,
        repository
    from {{ source('ship', 'ship_repositories') }}
),

final as (
    select
        repositories.repository_id,
        coalesce(named.repository, repositories.repository) as repository,
        repositories.default_branch,
        repositories.is_archived,
        repositories.is_fork,
        repositories.visibility,
        repositories.url,
        repositories.created_at,
        {{ build_id() }} as build_id
    from {{ ref('stg_github__repositories') }} as repositories
    left join named
        on repositories.repository_id = named.repository_id
)

select * from final
