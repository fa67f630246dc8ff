package dashboards

// TimeUnit is what "how often" is said in.
type TimeUnit struct {
	Name string  // day, week or month
	Days float64 // how much a day once in it is: 1/7 for a week
}

// FrequencyUnit is the unit in which a frequency per day is once at least; per day where there is none.
func FrequencyUnit(perDay *float64) TimeUnit {
	switch {
	case perDay == nil || *perDay >= 1 || *perDay == 0:
		return TimeUnit{"day", 1}
	case *perDay*7 >= 1:
		return TimeUnit{"week", 1.0 / 7}
	}
	return TimeUnit{"month", 12 / 365.25}
}
