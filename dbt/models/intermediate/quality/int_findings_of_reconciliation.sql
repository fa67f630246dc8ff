-- What comparing each stream's whole source with its ledger has found: one finding a stream, a warning where they are
-- not the same and nothing that happened since the stream was last read explains it.
with

judged as (
    select
        source || '/' || stream as stream,
        checked_at,
        source_count,
        ledger_count,
        coalesce(missing_count, 0) as missing_count,
        coalesce(extra_count, 0) as extra_count,
        coalesce(changed_count, 0) as changed_count,
        coalesce(newer_count, 0) as newer_count,
        coalesce(set_aside_count, 0) as set_aside_count,
        coalesce(withheld_count, 0) as withheld_count,
        examples_json,
        error
    from {{ ref('stg_fourfold__reconciliations') }}
),

final as (
    select
        'reconciliation' as rule,
        case
            when error is not null or missing_count + extra_count + changed_count > newer_count then 'warn'
            else 'info'
        end as severity,
        'stream' as object_type,
        stream as object_id,
        'compared at ' || {{ instant_to_text('checked_at') }} || ': '
        || case
            when error is not null then 'the source could not be read to its end: ' || error
            else
                'the source has ' || cast(source_count as string) || ' and the ledger '
                || cast(ledger_count as string)
                || case
                    when set_aside_count > 0 then '; ' || cast(set_aside_count as string) || ' are set aside'
                    else ''
                end
                || case
                    when withheld_count > 0
                        then '; ' || cast(withheld_count as string) || ' are kept out by the privacy policy'
                    else ''
                end
                || case
                    when missing_count > 0 then '; ' || cast(missing_count as string) || ' are missing'
                    else ''
                end
                || case
                    when extra_count > 0 then '; ' || cast(extra_count as string) || ' are not at the source'
                    else ''
                end
                || case
                    when changed_count > 0 then '; ' || cast(changed_count as string) || ' are different'
                    else ''
                end
                || case
                    when newer_count > 0
                        then '; ' || cast(newer_count as string) || ' of these changed after the stream was last read'
                    else ''
                end
                || case
                    when missing_count + extra_count + changed_count > 0 then '; ' || coalesce(examples_json, '')
                    else ''
                end
        end as detail
    from judged
)

select * from final
