-- The custom fields of one incident, a row for each value.
select
    fields.field,
    fields.value
from {marts}fct_incident_fields as fields
where fields.incident_id = @incident
order by
    fields.field,
    fields.value
