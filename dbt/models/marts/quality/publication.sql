with

streams as (
    select
        source,
        stream,
        status,
        {{ instant_to_text('observed_at') }} as observed_at,
        {{ instant_to_text('last_ok_at') }} as last_ok_at
    from {{ ref('int_streams_freshness') }}
),

freshness as (
    select
        {{ json_of_rows(['source', 'stream', 'status', 'observed_at', 'last_ok_at'], 'source, stream') }}
            as freshness
    from streams
),

final as (
    select
        build.build_id,
        build.built_at,
        build.as_of,
        {{ local_date('build.as_of') }} as as_of_date,
        '{{ timezone() }}' as timezone,
        build.week_start,
        build.program_version,
        build.dbt_version,
        build.config_hash,
        coalesce(freshness.freshness, '[]') as freshness
    from {{ ref('build') }} as build
    cross join freshness
)

select * from final
