{#- A seed without rows is a table, too: a load of nothing need not make one. -#}
{% macro bigquery__create_csv_table(model, agate_table) -%}
    {%- if agate_table.rows | length == 0 -%}
        {%- set columns = [] -%}
        {%- for name in agate_table.column_names -%}
            {%- do columns.append(name ~ ' ' ~ model['config']['column_types'][name]) -%}
        {%- endfor -%}
        {%- call statement('create_empty_seed') -%}
            create table {{ this.render() }} ({{ columns | join(', ') }})
        {%- endcall -%}
    {%- endif -%}
{%- endmacro %}

{% macro bigquery__load_csv_rows(model, agate_table) -%}
    {%- if agate_table.rows | length > 0 -%}
        {{ dbt.bigquery__load_csv_rows(model, agate_table) }}
    {%- endif -%}
{%- endmacro %}
