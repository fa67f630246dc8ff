(@service = '' or m.service = @service)
        and (@team = '' or m.team = @team)
        and (@repository = '' or m.repository = @repository)
        and (@severity = '' or m.severity = @severity)
        and (@incident_type = '' or m.incident_type = @incident_type)
        and {parts/field_filter}
