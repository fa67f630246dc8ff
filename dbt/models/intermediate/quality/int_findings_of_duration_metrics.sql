-- Findings that compare the durations of the source with ours: one for each of its durations, which says how often they
-- are equal and why they are not, and one for each incident whose number is not that of its own timestamps.
with

{%- set reasons = {
    'reopened': 'the incident was reopened (I5)',
    'start': 'ours starts elsewhere (I4)',
    'end': 'ours ends elsewhere (I6)',
    'both ends': 'ours starts and ends elsewhere (I4, I6)',
    'unknown': 'no reason is known',
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

summaries as (
    select
        'duration_metrics' as rule,
        'info' as severity,
        'duration_metric' as object_type,
        summed.duration_metric as object_id,
        'the source has it of ' || cast(summed.incidents as string) || ' incidents that are over'
        || case
            when defined.from_name is null then '; it fits no two timestamps in most of them'
            else
                '; it is ' || defined.to_name || ' less ' || defined.from_name || ' in '
                || cast(defined.fits as string) || ' of the latest ' || cast(defined.sampled as string)
        end
        || '; it equals our time to restore in ' || cast(summed.equal_count as string) || ' of '
        || cast(summed.compared as string) || ' counted ones'
        {%- for words in reasons.values() %}
        || case
            when summed.count_{{ loop.index }} > 0
                then '; in ' || cast(summed.count_{{ loop.index }} as string) || ' {{ words }}'
            else ''
        end
        {%- endfor %} as detail
    from summed
    inner join {{ ref('int_duration_metrics_defined') }} as defined
        on summed.duration_metric = defined.duration_metric
),

differences as (
    select
        'duration_metric_differs' as rule,
        'info' as severity,
        'incident' as object_type,
        incident_id as object_id,
        coalesce(reference, incident_id) || ': the source says that its ' || duration_metric || ' is '
        || cast(source_seconds as string) || ' s; '
        || coalesce(
            to_name || ' less ' || from_name || ' is ' || cast(timestamps_seconds as string) || ' s',
            'it lacks ' || from_name || ' or ' || to_name
        ) as detail
    from {{ ref('int_duration_metrics_compared') }}
    where differs_from_timestamps
),

final as (
    select * from summaries
    union all
    select * from differences
)

select * from final
