with

present as (
    {{ present(source('fourfold', 'reconciliations')) }}
)

select
    id as stream_id,
    source,
    stream,
    table_name,
    checked_at,
    source_count,
    ledger_count,
    missing_count,
    extra_count,
    changed_count,
    newer_count,
    set_aside_count,
    withheld_count,
    examples as examples_json,
    error
from present
