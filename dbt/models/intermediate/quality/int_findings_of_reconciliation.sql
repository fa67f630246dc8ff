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

{%- set parts = {
    'set_aside': {'en': '{…:number} are set aside', 'ja': '{…:number}件は読み取れず除外'},
    'withheld': {'en': '{…:number} are kept out by the privacy policy', 'ja': '{…:number}件はプライバシー設定により除外'},
    'missing': {'en': '{…:number} are missing', 'ja': '{…:number}件が台帳にない'},
    'extra': {'en': '{…:number} are not at the source', 'ja': '{…:number}件が取得元にない'},
    'changed': {'en': '{…:number} are different', 'ja': '{…:number}件の内容が異なる'},
    'newer': {
        'en': '{…:number} of these changed after the stream was last read',
        'ja': 'このうち{…:number}件は最後の取得より後に変更',
    },
} %}

-- Parts of what is said of each, which are empty where there is nothing to say.
worded as (
    select
        judged.*,
        {%- for name, words in parts.items() %}
        {{ said(name, [
            {
                'when': name ~ '_count > 0',
                'en': '; ' ~ words.en.replace('…', name ~ '_count'),
                'ja': '、' ~ words.ja.replace('…', name ~ '_count'),
            },
            {'en': '', 'ja': ''},
        ]) }},
        {%- endfor %}
        {{ said('examples', [
            {
                'when': 'missing_count + extra_count + changed_count > 0 and examples_json is not null',
                'en': '; {examples_json}',
                'ja': '。例：{examples_json}',
            },
            {'en': '', 'ja': ''},
        ]) }}
    from judged
),

{%- set rest %}{% for name in parts %}{{ '{' ~ name ~ '}' }}{% endfor %}{examples}{% endset %}

final as (
    select
        'reconciliation' as rule,
        case
            when error is not null or missing_count + extra_count + changed_count > newer_count then 'warn'
            else 'info'
        end as severity,
        'stream' as object_type,
        stream as object_id,
        {{ said('detail', [
            {
                'when': 'error is not null',
                'en': 'compared at {checked_at:instant}: the source could not be read to its end: {error}',
                'ja': '{checked_at:instant}に照合：取得元を最後まで読み取れませんでした：{error}',
            },
            {
                'en': 'compared at {checked_at:instant}: the source has {source_count:number} and the ledger '
                    '{ledger_count:number}' ~ rest,
                'ja': '{checked_at:instant}に照合：取得元{source_count:number}件、台帳{ledger_count:number}件'
                    ~ rest.replace('}', '_ja}'),
            },
        ]) }}
    from worded
)

select * from final
