package config

// ServiceIndex finds services by the names that others have for them. Names compare without case.
type ServiceIndex struct {
	byName  map[string]*Service
	byValue map[fieldValue]*Service
}

// fieldValue is a custom field or catalog type and a value of it, both folded.
type fieldValue struct{ field, value string }

// ServiceIndex makes the index of the configured services.
func (c *Config) ServiceIndex() *ServiceIndex {
	x := &ServiceIndex{map[string]*Service{}, map[fieldValue]*Service{}}
	for i := range c.Services {
		s := &c.Services[i]
		x.byName[fold(s.Name)] = s
		for field, values := range s.IncidentValues {
			for _, value := range values {
				x.byValue[fieldValue{fold(field), fold(value)}] = s
			}
		}
	}
	return x
}

// ByIncidentValue gives the service that a value of a custom field (or catalog type) names, in its configured spelling.
func (x *ServiceIndex) ByIncidentValue(field, value string) (service string, ok bool) {
	s, ok := x.byValue[fieldValue{fold(field), fold(value)}]
	if !ok {
		return "", false
	}
	return s.Name, true
}

// Service gives the configured service of a name.
func (x *ServiceIndex) Service(name string) (Service, bool) {
	s, ok := x.byName[fold(name)]
	if !ok {
		return Service{}, false
	}
	return *s, true
}

// Team gives the team of a service; "" when the service is not configured or has none.
func (x *ServiceIndex) Team(service string) string {
	s, _ := x.Service(service)
	return s.Team
}
