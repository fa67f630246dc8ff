coalesce(deployments.finished_at, deployments.created_at) >= @from_at
    and coalesce(deployments.finished_at, deployments.created_at) < @to_at
    and (@service = '' or deployments.service = @service)
    and (@team = '' or deployments.team = @team)
    and (@repository = '' or deployments.repository = @repository)
