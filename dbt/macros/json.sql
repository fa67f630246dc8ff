{#- JSON text in string columns: arrays become rows, members become text. -#}

{#-
    A select: the named columns of a relation and, in the column `item`, each item of an array as JSON text. An array that is
    null or empty gives no row. (DuckDB unnests in the select list at a fifth of the cost and memory of a lateral join.)
-#}
{% macro json_items(relation, columns, json_text) %}
    {{- return(adapter.dispatch('json_items', 'fourfold')(relation, columns, json_text)) -}}
{% endmacro %}
{% macro duckdb__json_items(relation, columns, json_text) -%}
    select
        {{ columns | join(',\n        ') }},
        unnest(json_extract({{ json_text }}, '$[*]')) as item
    from {{ relation }}
{%- endmacro %}
{% macro bigquery__json_items(relation, columns, json_text) -%}
    select
        {{ columns | join(',\n        ') }},
        item
    from {{ relation }}
    cross join unnest(json_query_array({{ json_text }}, '$')) as item
{%- endmacro %}

{#- A member of an object as text, null where it is absent. -#}
{% macro member(json_text, name) %}{{ return(adapter.dispatch('member', 'fourfold')(json_text, name)) }}{% endmacro %}
{% macro duckdb__member(json_text, name) %}
    {{- return("json_extract_string(" ~ json_text ~ ", '$." ~ name ~ "')") -}}
{% endmacro %}
{% macro bigquery__member(json_text, name) %}
    {{- return("json_value(" ~ json_text ~ ", '$." ~ name ~ "')") -}}
{% endmacro %}

{#- A member that is an array or an object, as JSON text. -#}
{% macro member_json(json_text, name) %}
    {{- return(adapter.dispatch('member_json', 'fourfold')(json_text, name)) -}}
{% endmacro %}
{% macro duckdb__member_json(json_text, name) %}
    {{- return("json_extract(" ~ json_text ~ ", '$." ~ name ~ "')") -}}
{% endmacro %}
{% macro bigquery__member_json(json_text, name) %}
    {{- return("json_query(" ~ json_text ~ ", '$." ~ name ~ "')") -}}
{% endmacro %}

{#- An aggregate: the rows of a group as the text of a JSON array of objects, in a given order. -#}
{% macro json_of_rows(columns, order_by) %}
    {{- return(adapter.dispatch('json_of_rows', 'fourfold')(columns, order_by)) -}}
{% endmacro %}
{% macro duckdb__json_of_rows(columns, order_by) -%}
    cast(to_json(list(struct_pack(
        {%- for c in columns %}{{ c }} := {{ c }}{{ ', ' if not loop.last }}{% endfor -%}
    ) order by {{ order_by }})) as string)
{%- endmacro %}
{% macro bigquery__json_of_rows(columns, order_by) -%}
    to_json_string(array_agg(struct(
        {%- for c in columns %}{{ c }} as {{ c }}{{ ', ' if not loop.last }}{% endfor -%}
    ) order by {{ order_by }}))
{%- endmacro %}

{#- An item of an array as text. -#}
{% macro item_text(item) %}{{ return(adapter.dispatch('item_text', 'fourfold')(item)) }}{% endmacro %}
{% macro duckdb__item_text(item) %}{{ return("json_extract_string(" ~ item ~ ", '$')") }}{% endmacro %}
{% macro bigquery__item_text(item) %}{{ return("json_value(" ~ item ~ ", '$')") }}{% endmacro %}
