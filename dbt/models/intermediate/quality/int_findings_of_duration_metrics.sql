-- Findings that compare the durations of the source with ours: one for each of its durations, which says how often they
-- are equal and why they are not, and one for each incident whose number is not that of its own timestamps.
with

{%- set reasons = {
    'reopened': {'en': 'the incident was reopened (I5)', 'ja': 'インシデントが再開されています（I5）'},
    'start': {'en': 'ours starts elsewhere (I4)', 'ja': '開始が異なります（I4）'},
    'end': {'en': 'ours ends elsewhere (I6)', 'ja': '終了が異なります（I6）'},
    'both ends': {'en': 'ours starts and ends elsewhere (I4, I6)', 'ja': '開始と終了が異なります（I4、I6）'},
    'unknown': {'en': 'no reason is known', 'ja': '理由が不明です'},
} %}

summed as (
    select
        duration_metric,
        count(*) as incidents,
        sum(case when beside_ours <> 'not compared' then 1 else 0 end) as compared,
        {%- for reason in reasons %}
        sum(case when beside_ours = '{{ reason }}' then 1 else 0 end) as count_{{ loop.index }},
        {%- endfor %}
        sum(case when beside_ours = 'equal' then 1 else 0 end) as equal_count
    from {{ ref('int_duration_metrics_compared') }}
    group by duration_metric
),

-- Parts of what is said of each, which are empty where there is nothing to say.
parts as (
    select
        summed.duration_metric,
        summed.incidents,
        summed.compared,
        summed.equal_count,
        {%- for words in reasons.values() %}
        {%- set count = 'summed.count_' ~ loop.index %}
        {{ said('because_' ~ loop.index, [
            {
                'when': count ~ ' > 0',
                'en': '; in {' ~ count ~ ':number} ' ~ words.en,
                'ja': '。{' ~ count ~ ':number}件は' ~ words.ja,
            },
            {'en': '', 'ja': ''},
        ]) }},
        {%- endfor %}
        {{ said('made_of', [
            {
                'when': 'defined.from_name is null',
                'en': 'it fits no two timestamps in most of them',
                'ja': '多くはどの2つのタイムスタンプの間の時間とも一致しません',
            },
            {
                'en': 'it is {defined.to_name} less {defined.from_name} in {defined.fits:number} of the latest '
                    '{defined.sampled:number}',
                'ja': '直近{defined.sampled:number}件のうち{defined.fits:number}件で、{defined.from_name}から'
                    '{defined.to_name}までの時間と一致します',
            },
        ]) }}
    from summed
    inner join {{ ref('int_duration_metrics_defined') }} as defined
        on summed.duration_metric = defined.duration_metric
),

{%- set because %}{% for _ in reasons %}{because_{{ loop.index }}}{% endfor %}{% endset %}

summaries as (
    select
        'duration_metrics' as rule,
        'info' as severity,
        'duration_metric' as object_type,
        duration_metric as object_id,
        {{ said('detail', {
            'en': 'the source has it of {incidents:number} incidents that are over; {made_of}; it equals our time to '
                'restore in {equal_count:number} of {compared:number} counted ones' ~ because,
            'ja': '取得元には終了したインシデント{incidents:number}件の値があります。{made_of_ja}。集計対象の'
                '{compared:number}件のうち{equal_count:number}件で復元時間と一致します'
                ~ because.replace('}', '_ja}'),
        }) }}
    from parts
),

differing as (
    select
        compared.*,
        coalesce(compared.reference, compared.incident_id) as shown
    from {{ ref('int_duration_metrics_compared') }} as compared
    where compared.differs_from_timestamps
),

differences as (
    select
        'duration_metric_differs' as rule,
        'info' as severity,
        'incident' as object_type,
        incident_id as object_id,
        {{ said('detail', [
            {
                'when': 'timestamps_seconds is not null',
                'en': '{shown}: the source says that its {duration_metric} is {source_seconds:number} s; '
                    '{to_name} less {from_name} is {timestamps_seconds:number} s',
                'ja': '{shown}：取得元の{duration_metric}は{source_seconds:number}秒ですが、{from_name}から{to_name}までは'
                    '{timestamps_seconds:number}秒です',
            },
            {
                'en': '{shown}: the source says that its {duration_metric} is {source_seconds:number} s; '
                    'it lacks {from_name} or {to_name}',
                'ja': '{shown}：取得元の{duration_metric}は{source_seconds:number}秒ですが、{from_name}または{to_name}の'
                    '時刻がありません',
            },
        ]) }}
    from differing
),

final as (
    select * from summaries
    union all
    select * from differences
)

select * from final
