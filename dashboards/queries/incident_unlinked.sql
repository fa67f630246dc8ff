-- Why those of the latest incidents that count and have no cause have none.
with

{parts/latest_incidents}

select
    unlinked.incident_id,
    unlinked.reason,
    unlinked.reason_ja,
    unlinked.nearest_seconds,
    unlinked.decided_by,
    unlinked.decision_reason
from latest
inner join {marts}fct_unlinked_incidents as unlinked
    on latest.incident_id = unlinked.incident_id
order by unlinked.incident_id
