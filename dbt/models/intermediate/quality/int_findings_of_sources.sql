-- Findings about what reached the ledgers: objects set aside, streams that failed, what the policy leaves out.
with

rejections as (
    select
        'rejected' as rule,
        case when is_landed then 'warn' else 'error' end as severity,
        table_name as object_type,
        coalesce(object_id, rejection_id) as object_id,
        case
            when is_landed then 'landed without ' || coalesce(column_name, 'a column') || ': ' || reason
            else 'set aside, in no number: ' || coalesce(column_name || ': ', '') || reason
        end as detail
    from {{ ref('int_rejections_open') }}
),

streams as (
    select
        'stream_' || status as rule,
        case when status = 'failed' then 'error' else 'warn' end as severity,
        'stream' as object_type,
        source || '.' || stream as object_id,
        'latest run at ' || {{ instant_to_text('observed_at') }} || ' ' || status
        || coalesce(': ' || error, '') || '; last good run '
        || coalesce({{ instant_to_text('last_ok_at') }}, 'never') as detail
    from {{ ref('int_streams_freshness') }}
    where status <> 'ok'
),

private_incidents as (
    select
        'private_incidents_unknown' as rule,
        'info' as severity,
        'source' as object_type,
        'incidentio' as object_id,
        'private incidents are not stored, so how many there are is not known' as detail
    from {{ ref('config_settings') }}
    where
        name = 'private_incidents'
        and value = 'exclude'
        and exists (
            select 1
            from {{ ref('int_streams_freshness') }} as streams
            where streams.source = 'incidentio'
        )
),

final as (
    select * from rejections
    union all
    select * from streams
    union all
    select * from private_incidents
)

select * from final
