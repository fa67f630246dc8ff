{#-
    The present versions of the few commits whose sha begins with the first seven digits of one in a column of a relation:
    those of all others are not looked for.
-#}
{% macro commits_beginning_like(relation, sha) -%}
    {{ present("(
            select ledger.*
            from " ~ source('github', 'github_commits') ~ " as ledger
            inner join (
                select distinct substr(" ~ sha ~ ", 1, 7) as beginning
                from " ~ relation ~ "
            ) as wanted
                on substr(ledger.id, strpos(ledger.id, ':') + 1, 7) = wanted.beginning
        )") }}
{%- endmacro %}

{#-
    The present version of each object of a ledger as of the build (S1): of the versions observed after the object's last
    tombstone the greatest (_source_updated_at, _observed_at, _hash), where no time is the smallest.
-#}
{% macro present(ledger) -%}
    select versions.*
    from (
        select
            ledger.*,
            max(case when ledger._deleted then ledger._observed_at end) over (partition by ledger.id) as _gone_at
        from {{ ledger }} as ledger
        where ledger._observed_at <= {{ as_of() }}
    ) as versions
    where
        not versions._deleted
        and (versions._gone_at is null or versions._observed_at > versions._gone_at)
    qualify row_number() over (
        partition by versions.id
        order by versions._source_updated_at desc nulls last, versions._observed_at desc, versions._hash desc
    ) = 1
{%- endmacro %}
