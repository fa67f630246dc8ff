{#- What changes at every build stands in the seed `build`, one row, so that dbt need not parse anything anew. -#}
{% macro build_id() %}{{ return('(select b.build_id from ' ~ ref('build') ~ ' as b)') }}{% endmacro %}
{% macro as_of() %}{{ return('(select b.as_of from ' ~ ref('build') ~ ' as b)') }}{% endmacro %}

{#- The value of a setting of the configuration, as text. -#}
{% macro setting(name) %}
    {{- return("(select s.value from " ~ ref('config_settings') ~ " as s where s.name = '" ~ name ~ "')") -}}
{% endmacro %}

{#- Models of one target share one schema; layers are told apart by their names. -#}
{% macro generate_schema_name(custom_schema_name, node) %}{{ return(target.schema) }}{% endmacro %}

{#- Of a common table expression that is read several times: to be put where it is read, not kept aside. -#}
{% macro inlined() %}{{ return(adapter.dispatch('inlined', 'fourfold')()) }}{% endmacro %}
{% macro duckdb__inlined() %}{{ return('not materialized') }}{% endmacro %}
{% macro bigquery__inlined() %}{{ return('') }}{% endmacro %}

{#- The timestamps that fct_incidents shows, or a file gives, whatever is configured: their names by what they are for. -#}
{% macro shown_timestamps() -%}
    {{- return({
        'impact_started': 'Impact started', 'reported': 'Reported at', 'accepted': 'Accepted at', 'closed': 'Closed at',
    }) -}}
{%- endmacro %}
