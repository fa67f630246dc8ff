m.object_type = 'incident'
        and (@severity = '' or m.severity = @severity)
        and (@incident_type = '' or m.incident_type = @incident_type)
        and (@service = '' or m.service = @service)
        and (@team = '' or m.team = @team)
