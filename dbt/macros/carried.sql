{#-
    Models of which each build goes on from the one before it read of a ledger what was observed since then, and again the
    days before that: a run has one clock for all that it lands, and may land after a build that began later than it. Builds
    that go on are BigQuery's alone; DuckDB's begin in an empty file.
-#}
{% macro carried() %}{{ return('incremental' if target.type == 'bigquery' else 'table') }}{% endmacro %}

{#- Whether a model goes on from its rows of the build before: not where dbt may ask nothing, as when it only compiles. -#}
{% macro goes_on() -%}
    {{- return(execute and model.config.materialized == 'incremental' and flags.INTROSPECT and is_incremental()) -}}
{%- endmacro %}

{#- The instant after which a ledger is read again; a literal, since BigQuery skips partitions by nothing else. -#}
{% macro carried_since(column) -%}
    {%- set days = 3 -%}
    {%- set found = run_query('select max(' ~ column ~ ') from ' ~ this) -%}
    {%- set last = found.columns[0].values()[0] -%}
    {%- if last is none -%}timestamp '1970-01-01 00:00:00+00'
    {%- else -%}timestamp '{{ (last - modules.datetime.timedelta(days=days)).strftime('%Y-%m-%d %H:%M:%S') }}+00'
    {%- endif -%}
{%- endmacro %}

{#-
    Of each object of a ledger its present version as of the build (S1), or the tombstone that it has gone by. `had` is a
    relation of these rows as they were, of which the ledger is read after `since` alone, and only what differs is given;
    none is all of the ledger and all objects.
-#}
{% macro latest(ledger, columns, had, since) -%}
    {%- set leading = ['id', '_observed_at', '_source_updated_at', '_hash', '_deleted'] -%}
    with

    versions as (
        select
            {%- for c in leading + columns %}
            ledger.{{ c }},
            {%- endfor %}
            max(case when ledger._deleted then ledger._observed_at end) over (partition by ledger.id) as _gone_at
        from {{ ledger }} as ledger
        where
            ledger._observed_at <= {{ as_of() }}
            {%- if had %}
            and ledger._observed_at > {{ since }}
            {%- endif %}
    ),

    judged as (
        select
            versions.*,
            not versions._deleted and (versions._gone_at is null or versions._observed_at > versions._gone_at) as _is_live
        from versions
    ),

    found as (
        select judged.*
        from judged
        qualify row_number() over (
            partition by judged.id
            order by
                judged._is_live desc,
                judged._deleted desc,
                case when judged._is_live then judged._source_updated_at end desc nulls last,
                judged._observed_at desc,
                judged._hash desc
        ) = 1
    )

    select
        {%- for c in leading + columns %}
        found.{{ c }}{{ ',' if not loop.last }}
        {%- endfor %}
    from found
    {%- if had %}
    left join {{ had }} as had
        on found.id = had.id
    where
        had.id is null
        -- It has gone since then.
        or (
            found._deleted
            and (found._observed_at > had._observed_at or (not had._deleted and found._observed_at = had._observed_at))
        )
        -- It has come again, or what it was has gone.
        or (not found._deleted and had._deleted and found._observed_at > had._observed_at)
        or (not found._deleted and not had._deleted and found._gone_at >= had._observed_at)
        -- It is greater than what it was.
        or (
            not found._deleted
            and not had._deleted
            and (
                (found._source_updated_at is not null and had._source_updated_at is null)
                or found._source_updated_at > had._source_updated_at
                or (
                    (
                        found._source_updated_at = had._source_updated_at
                        or (found._source_updated_at is null and had._source_updated_at is null)
                    )
                    and (
                        found._observed_at > had._observed_at
                        or (found._observed_at = had._observed_at and found._hash > had._hash)
                    )
                )
            )
        )
    {%- endif %}
{%- endmacro %}
