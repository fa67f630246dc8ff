{#-
    An emulator of BigQuery takes no columns and constraints in `create table ... as`: with an endpoint they are left out, and
    what a contract says of names and types is still checked before. BigQuery itself is given them.
-#}
{% macro bigquery__get_table_columns_and_constraints() -%}
    {%- if not env_var('FOURFOLD_BIGQUERY_ENDPOINT', '') -%}
        {{ dbt.default__get_table_columns_and_constraints() }}
    {%- endif -%}
{%- endmacro %}
