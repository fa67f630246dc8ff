-- The program names every service, those of repositories by default among them; without it there are the configured
-- ones.
with

named as (
    select
        service,
        team
    from {{ source('ship', 'ship_services') }}
),

final as (
    select
        service,
        team,
        {{ build_id() }} as build_id
    from named
    union all
    select
        config.service,
        config.team,
        {{ build_id() }} as build_id
    from {{ ref('config_services') }} as config
    left join named on config.service = named.service
    where named.service is null
)

select * from final
