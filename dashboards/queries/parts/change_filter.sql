(@service = '' or changes.service = @service)
    and (@team = '' or changes.team = @team)
    and (@repository = '' or changes.repository = @repository)
