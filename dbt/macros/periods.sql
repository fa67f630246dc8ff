{#- Local dates and periods. The zone changes rarely, so it comes by environment. -#}
{% macro timezone() %}{{ return(env_var('FOURFOLD_TIMEZONE', 'UTC')) }}{% endmacro %}

{#- The calendar date of an instant in the configured time zone (P1). -#}
{% macro local_date(instant) %}{{ return(adapter.dispatch('local_date', 'fourfold')(instant)) }}{% endmacro %}
{% macro duckdb__local_date(instant) %}
    {{- return("cast(timezone('" ~ timezone() ~ "', " ~ instant ~ ") as date)") -}}
{% endmacro %}
{% macro bigquery__local_date(instant) %}
    {{- return("date(" ~ instant ~ ", '" ~ timezone() ~ "')") -}}
{% endmacro %}

{#- Whole days from one date to another. -#}
{% macro days_between(earlier, later) %}
    {{- return(adapter.dispatch('days_between', 'fourfold')(earlier, later)) -}}
{% endmacro %}
{% macro duckdb__days_between(earlier, later) %}
    {{- return("date_diff('day', " ~ earlier ~ ", " ~ later ~ ")") -}}
{% endmacro %}
{% macro bigquery__days_between(earlier, later) %}
    {{- return("date_diff(" ~ later ~ ", " ~ earlier ~ ", day)") -}}
{% endmacro %}

{% macro date_plus(date, count, unit) %}
    {{- return(adapter.dispatch('date_plus', 'fourfold')(date, count, unit)) -}}
{% endmacro %}
{% macro duckdb__date_plus(date, count, unit) %}
    {{- return("cast(" ~ date ~ " + interval (" ~ count ~ ") " ~ unit ~ " as date)") -}}
{% endmacro %}
{% macro bigquery__date_plus(date, count, unit) %}
    {{- return("date_add(" ~ date ~ ", interval " ~ count ~ " " ~ unit ~ ")") -}}
{% endmacro %}

{#- The first day of some week, from which all others are counted (P2). -#}
{% macro week_anchor(week_start) -%}
    case {{ week_start }} when 'sunday' then date '1970-01-04' else date '1970-01-05' end
{%- endmacro %}

{#- The first day of a date's week, by day arithmetic from that one: right on every engine. -#}
{% macro week_of(date, anchor) %}
    {%- set weekday = 'mod(mod(' ~ days_between(anchor, date) ~ ', 7) + 7, 7)' -%}
    {{- return(date_plus(date, '-' ~ weekday, 'day')) -}}
{% endmacro %}

{% macro date_floor(date, unit) %}{{ return(adapter.dispatch('date_floor', 'fourfold')(date, unit)) }}{% endmacro %}
{% macro duckdb__date_floor(date, unit) %}
    {{- return("cast(date_trunc('" ~ unit ~ "', " ~ date ~ ") as date)") -}}
{% endmacro %}
{% macro bigquery__date_floor(date, unit) %}
    {{- return("date_trunc(" ~ date ~ ", " ~ unit ~ ")") -}}
{% endmacro %}

{#- The first day of the period that a date is in; `whole` is one period from `first_date` on. -#}
{% macro period_of(period, date, first_date, anchor) -%}
    case {{ period }}
            when 'day' then {{ date }}
            when 'week' then {{ week_of(date, anchor) }}
            when 'month' then {{ date_floor(date, 'month') }}
            when 'quarter' then {{ date_floor(date, 'quarter') }}
            when 'year' then {{ date_floor(date, 'year') }}
            else {{ first_date }}
        end
{%- endmacro %}

{#- The day after the last one of the period that begins on a date. -#}
{% macro period_end(period, date, last_date) -%}
    case {{ period }}
            when 'day' then {{ date_plus(date, 1, 'day') }}
            when 'week' then {{ date_plus(date, 7, 'day') }}
            when 'month' then {{ date_plus(date, 1, 'month') }}
            when 'quarter' then {{ date_plus(date, 3, 'month') }}
            when 'year' then {{ date_plus(date, 1, 'year') }}
            else {{ date_plus(last_date, 1, 'day') }}
        end
{%- endmacro %}

{#-
    A table expression to join laterally: every date from one to another in the column `local_day`, which on one engine is a
    timestamp until it is cast.
-#}
{% macro each_day(first_date, last_date) %}
    {{- return(adapter.dispatch('each_day', 'fourfold')(first_date, last_date)) -}}
{% endmacro %}
{% macro duckdb__each_day(first_date, last_date) -%}
    unnest(generate_series({{ first_date }}, {{ last_date }}, interval 1 day)) as local_days (local_day)
{%- endmacro %}
{% macro bigquery__each_day(first_date, last_date) -%}
    unnest(generate_date_array({{ first_date }}, {{ last_date }})) as local_day
{%- endmacro %}
