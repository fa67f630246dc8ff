-- Each stream's latest run and its latest one that read to the end what could be read.
with

runs as (
    select
        source,
        stream,
        status,
        error,
        observed_at,
        finished_at,
        max(case when status in ('ok', 'partial') then observed_at end) over (partition by source, stream) as last_ok_at
    from {{ ref('stg_fourfold__runs') }}
    where stream is not null
    qualify
        row_number() over (
            partition by source, stream
            order by observed_at desc, started_at desc, run_id desc
        ) = 1
),

final as (
    select
        source,
        stream,
        status,
        error,
        observed_at,
        finished_at,
        last_ok_at
    from runs
)

select * from final
