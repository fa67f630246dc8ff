{#- The columns (or expressions) together are a key: none is null, no combination comes twice. -#}
{% test key(model, columns) %}
select
    {%- for column in columns %}
    {{ column }} as key_{{ loop.index }},
    {%- endfor %}
    count(*) as occurrences
from {{ model }}
group by
    {%- for column in columns %}
    key_{{ loop.index }}{{ ',' if not loop.last }}
    {%- endfor %}
having
    count(*) > 1
    {%- for column in columns %}
    or key_{{ loop.index }} is null
    {%- endfor %}
{% endtest %}
