{#- Types that the two engines name differently. The rest (string, int64, bool, date) is the same in both. -#}
{% macro type_instant() %}{{ return(adapter.dispatch('type_instant', 'fourfold')()) }}{% endmacro %}
{% macro duckdb__type_instant() %}{{ return('timestamptz') }}{% endmacro %}
{% macro bigquery__type_instant() %}{{ return('timestamp') }}{% endmacro %}

{% macro type_double() %}{{ return(adapter.dispatch('type_double', 'fourfold')()) }}{% endmacro %}
{% macro duckdb__type_double() %}{{ return('double') }}{% endmacro %}
{% macro bigquery__type_double() %}{{ return('float64') }}{% endmacro %}

{#- An instant from RFC 3339 text; null where the text is none. -#}
{% macro instant_from_text(text) %}{{ return(adapter.dispatch('instant_from_text', 'fourfold')(text)) }}{% endmacro %}
{% macro duckdb__instant_from_text(text) %}{{ return('try_cast(' ~ text ~ ' as timestamptz)') }}{% endmacro %}
{% macro bigquery__instant_from_text(text) %}{{ return('safe_cast(' ~ text ~ ' as timestamp)') }}{% endmacro %}

{#- An instant as RFC 3339 text in UTC with six digits. -#}
{% macro instant_to_text(instant) %}{{ return(adapter.dispatch('instant_to_text', 'fourfold')(instant)) }}{% endmacro %}
{% macro duckdb__instant_to_text(instant) %}
    {{- return("strftime(timezone('UTC', " ~ instant ~ "), '%Y-%m-%dT%H:%M:%S.%fZ')") -}}
{% endmacro %}
{% macro bigquery__instant_to_text(instant) %}
    {{- return("format_timestamp('%Y-%m-%dT%H:%M:%E6SZ', " ~ instant ~ ")") -}}
{% endmacro %}

{#- Whole seconds from one instant to another: the floor of the difference in microseconds / 10^6. -#}
{% macro seconds_between(earlier, later) %}
    {{- return(adapter.dispatch('seconds_between', 'fourfold')(earlier, later)) -}}
{% endmacro %}
{% macro duckdb__seconds_between(earlier, later) %}
    {{- return('cast(floor((epoch_us(' ~ later ~ ') - epoch_us(' ~ earlier ~ ')) / 1000000) as int64)') -}}
{% endmacro %}
{% macro bigquery__seconds_between(earlier, later) %}
    {{- return('cast(floor(timestamp_diff(' ~ later ~ ', ' ~ earlier ~ ', microsecond) / 1000000) as int64)') -}}
{% endmacro %}

{#- Microseconds from one instant to another. -#}
{% macro micros_between(earlier, later) %}
    {{- return(adapter.dispatch('micros_between', 'fourfold')(earlier, later)) -}}
{% endmacro %}
{% macro duckdb__micros_between(earlier, later) %}
    {{- return('(epoch_us(' ~ later ~ ') - epoch_us(' ~ earlier ~ '))') -}}
{% endmacro %}
{% macro bigquery__micros_between(earlier, later) %}
    {{- return('timestamp_diff(' ~ later ~ ', ' ~ earlier ~ ', microsecond)') -}}
{% endmacro %}

{#- The instant some whole seconds after another. -#}
{% macro plus_seconds(instant, seconds) %}{{ return(adapter.dispatch('plus_seconds', 'fourfold')(instant, seconds)) }}{% endmacro %}
{% macro duckdb__plus_seconds(instant, seconds) %}{{ return('(' ~ instant ~ ' + to_seconds(' ~ seconds ~ '))') }}{% endmacro %}
{% macro bigquery__plus_seconds(instant, seconds) %}
    {{- return('timestamp_add(' ~ instant ~ ', interval ' ~ seconds ~ ' second)') -}}
{% endmacro %}
