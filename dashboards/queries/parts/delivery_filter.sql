m.object_type in ('deployment', 'change', 'commit')
        and (@service = '' or m.service = @service)
        and (@team = '' or m.team = @team)
        and (@repository = '' or m.repository = @repository)
