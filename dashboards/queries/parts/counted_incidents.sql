incidents.is_counted
        and incidents.started_at >= @from_at
        and incidents.started_at < @to_at
        and {parts/incident_filter}
