(@severity = '' or incidents.severity = @severity)
        and (@incident_type = '' or incidents.incident_type = @incident_type)
        and (
            @field = ''
            or incidents.incident_id in (
                select incident_id
                from {marts}fct_incident_fields
                where field = @field and value = @field_value
            )
        )
