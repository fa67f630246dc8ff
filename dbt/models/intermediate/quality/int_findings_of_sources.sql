-- Findings about what reached the ledgers: objects set aside, streams that failed, what the policy leaves out.
with

rejections as (
    select
        'rejected' as rule,
        case when is_landed then 'warn' else 'error' end as severity,
        table_name as object_type,
        coalesce(object_id, rejection_id) as object_id,
        {{ said('detail', [
            {
                'when': 'is_landed and column_name is not null',
                'en': 'landed without {column_name}: {reason}',
                'ja': '{column_name}を読み取れないまま取り込んでいます：{reason}',
            },
            {
                'when': 'is_landed',
                'en': 'landed without a column: {reason}',
                'ja': '読み取れない列があるまま取り込んでいます：{reason}',
            },
            {
                'when': 'column_name is not null',
                'en': 'set aside, in no number: {column_name}: {reason}',
                'ja': '除外され、どの数値にも入っていません：{column_name}：{reason}',
            },
            {
                'en': 'set aside, in no number: {reason}',
                'ja': '除外され、どの数値にも入っていません：{reason}',
            },
        ]) }}
    from {{ ref('int_rejections_open') }}
),

-- Parts of what is said of a stream; a status that is not known stays as it is.
judged as (
    select
        source || '.' || stream as stream,
        status,
        observed_at,
        case status
            when 'failed' then '失敗'
            when 'partial' then '一部のみ取得'
            when 'skipped' then '取得不可'
            else status
        end as status_ja,
        {{ said('why', [
            {'when': 'error is not null', 'en': ': {error}', 'ja': '（{error}）'},
            {'en': '', 'ja': ''},
        ]) }},
        {{ said('last_ok', [
            {'when': 'last_ok_at is not null', 'en': '{last_ok_at:instant}', 'ja': '{last_ok_at:instant}'},
            {'en': 'never', 'ja': 'なし'},
        ]) }}
    from {{ ref('int_streams_freshness') }}
    where status <> 'ok'
),

streams as (
    select
        'stream_' || status as rule,
        case when status = 'failed' then 'error' else 'warn' end as severity,
        'stream' as object_type,
        stream as object_id,
        {{ said('detail', {
            'en': 'latest run at {observed_at:instant} {status}{why}; last good run {last_ok}',
            'ja': '直近の実行{observed_at:instant}は{status_ja}{why_ja}。最後に成功した実行：{last_ok_ja}',
        }) }}
    from judged
),

private_incidents as (
    select
        'private_incidents_unknown' as rule,
        'info' as severity,
        'source' as object_type,
        'incidentio' as object_id,
        {{ said('detail', {
            'en': 'private incidents are not stored, so how many there are is not known',
            'ja': '非公開インシデントは保存されないため、件数は分かりません',
        }) }}
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
