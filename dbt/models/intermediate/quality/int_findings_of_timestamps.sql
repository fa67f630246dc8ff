-- Timestamps in the configuration that the source does not know, or knows under another name by now (I4).
with

final as (
    select
        case when timestamp_id is null then 'unknown_timestamp' else 'renamed_timestamp' end as rule,
        'warn' as severity,
        'configuration' as object_type,
        purpose as object_id,
        {{ said('detail', [
            {
                'when': 'timestamp_id is null',
                'en': 'no timestamp is or was named "{configured_name}"; it is ignored',
                'ja': '「{configured_name}」という名前のタイムスタンプは今も以前もないため、無視されます',
            },
            {
                'when': 'present_name is null',
                'en': 'the timestamp "{configured_name}" is no longer defined; incidents that have it keep it',
                'ja': 'タイムスタンプ「{configured_name}」の定義はもうありません。記録のあるインシデントでは使われます',
            },
            {
                'en': 'the timestamp "{configured_name}" is now named "{present_name}"; it is still used',
                'ja': 'タイムスタンプ「{configured_name}」の現在の名前は「{present_name}」です。引き続き使われます',
            },
        ]) }}
    from {{ ref('int_timestamp_names_resolved') }}
    where
        (timestamp_id is null or is_renamed)
        and (purpose in ('restore_start', 'restore_end', 'acknowledge') or purpose like 'duration%')
        -- What files have has names of its own.
        and exists (
            select 1
            from {{ ref('int_streams_freshness') }} as streams
            where streams.source = 'incidentio'
        )
)

select * from final
