-- Pull requests that are hotfixes by a label or by the name of their branch (metrics.hotfix).
with

labels as (
    {{ json_items(ref('stg_github__pull_requests'), ['pull_request_id'], 'labels_json') }}
),

by_label as (
    select
        labels.pull_request_id,
        'label ' || config.value as mark
    from labels
    inner join {{ ref('config_hotfix') }} as config
        on
            config.kind = 'label'
            and lower({{ item_text('labels.item') }}) = lower(config.value)
),

by_branch as (
    select
        pulls.pull_request_id,
        'branch ' || pulls.head_ref as mark
    from {{ ref('stg_github__pull_requests') }} as pulls
    inner join {{ ref('config_hotfix') }} as config
        on
            config.kind = 'branch'
            and {{ matches('pulls.head_ref', 'config.value') }}
),

marks as (
    select * from by_label
    union all
    select * from by_branch
),

final as (
    select
        pull_request_id,
        min(mark) as mark
    from marks
    group by pull_request_id
)

select * from final
