coalesce(changes.deployed_at, changes.merged_at) >= @from_at
    and coalesce(changes.deployed_at, changes.merged_at) < @to_at
    and (@service = '' or changes.service = @service)
    and (@team = '' or changes.team = @team)
    and (@repository = '' or changes.repository = @repository)
