{#-
    What marts say in words they say in Japanese, too, and it is Japanese: each is there or both lack a part, and has kana or
    kanji. Rows are sentences that are not.
-#}
{%- set sentences = {
    'fct_incident_deployments': ['evidence'],
    'fct_unlinked_incidents': ['reason', 'what_would_link'],
    'data_quality': ['detail'],
} %}

with

said as (
    {%- for mart, columns in sentences.items() %}
    {%- set last_mart = loop.last %}
    {%- for column in columns %}
    select
        '{{ mart }}.{{ column }}' as place,
        {{ column }} as english,
        {{ column }}_ja as japanese
    from {{ ref(mart) }}
    {{ 'union all' if not (last_mart and loop.last) }}
    {%- endfor %}
    {%- endfor %}
)

select *
from said
where
    not {{ matches('japanese', "'[ぁ-んァ-ヶ一-龠]'") }}
    or (english = 'too little is known of it to say more') <> (japanese = '詳しい内容は分かりません')
