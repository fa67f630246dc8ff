m.object_type = 'incident'
        and (@severity = '' or m.severity = @severity)
        and (@service = '' or m.service = @service)
        and (@team = '' or m.team = @team)
