{#-
    An operation: makes each table of the sources that is not there yet, without a row. So a project that nobody has synced
    anything for, or without the program that walks the commit graph, can be built all the same.
-#}
{% macro make_sources() -%}
    {%- for source in graph.sources.values() %}
        {%- set table = api.Relation.create(database=source.database, schema=source.schema, identifier=source.identifier) %}
        {%- do adapter.create_schema(table) %}
        {%- set columns = [] %}
        {%- for column in source.columns.values() %}
            {%- do columns.append(adapter.quote(column.name) ~ ' ' ~ column.data_type) %}
        {%- endfor %}
        {%- do run_query('create table if not exists ' ~ table ~ ' (' ~ columns | join(', ') ~ ')') %}
    {%- endfor %}
{%- endmacro %}
