-- Counted deployments of the range by the weekday (1 is Monday) and the hour of the configured time zone at which they finished.
-- One of several services is one.
with

shipped as (
    select
        deployments.deployment_id,
        {local_weekday deployments.finished_at} as weekday,
        {local_hour deployments.finished_at} as hour_of_day
    from {marts}fct_deployments as deployments
    cross join {marts}publication as publication
    where
        deployments.is_counted
        and {parts/deployments_of_range}
)

select
    weekday,
    hour_of_day,
    count(distinct deployment_id) as deployments
from shipped
group by
    weekday,
    hour_of_day
order by
    weekday,
    hour_of_day
