with

final as (
    select
        row_number() over (
            order by
                is_overdue desc,
                due_at asc nulls last,
                age_seconds desc,
                follow_up_id asc
        ) as position,
        follow_up_id,
        incident_id,
        incident_reference,
        severity,
        title,
        priority,
        assignee,
        team,
        external_issue_url,
        created_at,
        due_at,
        age_seconds,
        is_overdue,
        case
            when is_overdue then {{ seconds_between('due_at', as_of()) }}
        end as overdue_seconds,
        {{ build_id() }} as build_id
    from {{ ref('fct_follow_ups') }}
    where is_open and not is_drill
)

select * from final
