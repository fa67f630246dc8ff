{#-
    When a ledger was last known to have all that its source has: the clock of the last run that read its stream to the end.
    A ledger that gets no rows because nothing has changed is as fresh as that. One that no run was asked for, or that the
    key has never been allowed to read, has no age.
-#}
{% macro last_read_at(ledger) -%}
    select
        case
            when count(case when runs.status <> 'skipped' then 1 end) = 0 then {{ current_timestamp() }}
            else max(case when runs.status in ('ok', 'partial') then runs.observed_at end)
        end as last_read_at
    from {{ ledger.incorporate(path={'identifier': 'runs'}) }} as runs
    where runs.table_name = '{{ ledger.identifier }}'
{%- endmacro %}
