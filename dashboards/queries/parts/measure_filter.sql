(@severity = '' or severity = @severity)
        and (@service = '' or service = @service)
        and (@team = '' or team = @team)
