(
            @field = ''
            or m.object_id in (
                select incident_id
                from {marts}fct_incident_fields
                where field = @field and value = @field_value
            )
        )
