{parts/object_filter}
        and (
            (@service = '' and @team = '')
            or incidents.incident_id in (
                select incident_id
                from {marts}fct_incident_services
                where (@service = '' or service = @service) and (@team = '' or team = @team)
            )
        )
