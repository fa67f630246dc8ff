-- Findings about what is measured at a time that cannot be, as 0001-01-01 of a clock that was never set: periods begin
-- in 1970, so it is in none.
{%- set at = '{' ~ adapter.quote('at') ~ ':instant}' %}

with

final as (
    select distinct
        'time_before_1970' as rule,
        'warn' as severity,
        object_type,
        object_id,
        {{ said('detail', {
            'en': 'it counts at ' ~ at ~ ', before 1970; it is in no period',
            'ja': '集計の時刻が1970年より前の' ~ at ~ 'のため、どの期間にも入りません',
        }) }}
    from {{ ref('fct_measures') }}
    where local_date < date '1970-01-01'
)

select * from final
