coalesce(changes.deployed_at, changes.merged_at) >= @from_at
    and coalesce(changes.deployed_at, changes.merged_at) < @to_at
    and {parts/change_filter}
