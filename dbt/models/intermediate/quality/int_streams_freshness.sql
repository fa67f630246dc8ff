-- Each stream's latest run and its latest one that read to the end what could be read.
{{
    config(
        materialized = carried(),
        unique_key = ['source', 'stream']
    )
}}

with

runs as (
    select
        source,
        stream,
        status,
        error,
        observed_at,
        started_at,
        finished_at,
        run_id,
        case when status in ('ok', 'partial') then observed_at end as last_ok_at
    from {{ ref('stg_fourfold__runs') }}
    where stream is not null {{ 'and observed_at > ' ~ carried_since('observed_at') if goes_on() }}
    {% if goes_on() %}
    union all
    select
        source,
        stream,
        status,
        error,
        observed_at,
        started_at,
        finished_at,
        run_id,
        last_ok_at
    from {{ this }}
    {% endif %}
),

final as (
    select
        source,
        stream,
        status,
        error,
        observed_at,
        started_at,
        finished_at,
        run_id,
        max(last_ok_at) over (partition by source, stream) as last_ok_at
    from runs
    qualify
        row_number() over (
            partition by source, stream
            order by observed_at desc, started_at desc, run_id desc
        ) = 1
)

select * from final
