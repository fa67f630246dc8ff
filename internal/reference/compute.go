package reference

// computed is all that is made of an organisation, each part of the ones before it.
type computed struct {
	o    Objects
	code Code
	s    Settings

	incidents   []Incident
	shipments   []*shipment
	groups      map[*shipment][]*shipment
	links       []Link
	deployments []Deployed
	changes     []Change // those not deployed, too
	commits     []CommitShipped
}

func compute(o Objects, code Code, s Settings) *computed {
	c := &computed{o: o, code: code, s: s, incidents: Incidents(o, s), shipments: shipments(code, s)}
	c.groups = grouped(c.shipments, s)
	c.links = c.link()
	c.judge()
	c.changes, c.commits = changesOf(code, s, c.shipments)
	return c
}
