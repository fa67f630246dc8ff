package reference

import (
	"cmp"
	"slices"
	"time"
)

// Link is a relation of an incident to a deployment.
type Link struct{ Incident, Deployment, Role, Method string }

// Links gives what people and the rules L1 to L3 find for every incident that may be in an output, ordered by its columns.
func Links(o Objects, code Code, s Settings) []Link { return compute(o, code, s).links }

// linker holds what links are looked up in.
type linker struct {
	*computed
	// What may be named, and what ships: D1 alone. Members of groups, too: a link is judged by the member's own finish (D5).
	// Ordered by finish.
	production  []*shipment
	names       map[string][]string
	attachments map[string][]map[string]any
	services    []string
}

func (c *computed) link() []Link {
	l := linker{computed: c, names: c.names(), attachments: map[string][]map[string]any{}, services: servicesOf(c.code, c.s)}
	for _, x := range c.shipments {
		if x.counts() {
			l.production = append(l.production, x)
		}
	}
	sortShipments(l.production)
	for _, a := range c.o["incident_attachments"] {
		l.attachments[text(a, "incident_id")] = append(l.attachments[text(a, "incident_id")], a)
	}
	methods := map[Link]string{} // of the links without it: each deployment has one role once
	for _, i := range c.incidents {
		for _, x := range l.of(i) {
			method := x.Method
			x.Method = ""
			if old := methods[x]; old == "" || method < old {
				methods[x] = method
			}
		}
	}
	var out []Link
	for x, method := range methods {
		x.Method = method
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b Link) int {
		return compareTexts(a.Incident, b.Incident, a.Deployment, b.Deployment, a.Role, b.Role)
	})
	return out
}

// of gives the links of one incident: its cause, by the first rule that applies, and its fixes.
func (l linker) of(i Incident) []Link {
	var out, causes []Link
	var cause *shipment
	var reverted []*shipment
	for _, t := range l.attached(i.ID) {
		earlier, later := split(t.shipped, i.Start)
		if len(earlier) > 0 { // L2: the latest that had shipped one of them
			last := latest(earlier)
			if cause == nil || last.id() == cause.id() && t.method < causes[0].Method || before(cause, last) < 0 && last.id() != cause.id() {
				cause, causes = last, []Link{{i.ID, last.id(), "cause", t.method}}
			}
			continue
		}
		if there, _ := split(t.had, i.Start); len(there) > 0 {
			continue // it was there when the incident began, and nobody knows since when (C2)
		}
		for _, x := range later {
			out = append(out, Link{i.ID, x.id(), "fix", t.method})
		}
		if len(later) > 0 {
			reverted = append(reverted, t.reverted...)
		}
	}
	if decided, none := l.decided(i); none || len(decided) > 0 {
		return append(out, decided...)
	}
	if x := l.field(i); x != nil {
		return append(out, Link{i.ID, x.id(), "cause", "field"})
	}
	if len(causes) > 0 {
		return append(out, causes...)
	}
	if earlier, _ := split(reverted, i.Start); len(earlier) > 0 { // L2r
		return append(out, Link{i.ID, latest(earlier).id(), "cause", "revert"})
	}
	if x := l.near(i); x != nil {
		return append(out, Link{i.ID, x.id(), "cause", "proximity"})
	}
	return out
}

// decided is what people say of an incident: its causes, or that it has none. A name that is nobody's, or that of several,
// says nothing.
func (l linker) decided(i Incident) (causes []Link, none bool) {
	for _, m := range l.s.Links {
		if !l.isMeant(m.Incident, i) {
			continue
		}
		if same(m.Deployment, "none") {
			none = true
			continue
		}
		if ids := l.meant(m.Deployment); len(ids) == 1 {
			causes = append(causes, Link{i.ID, ids[0], "cause", "manual"})
		}
	}
	return causes, none
}

// isMeant tells whether a person's name for an incident means this one and no other: by its id, else its reference, the
// number in it, or its address.
func (l linker) isMeant(name string, i Incident) bool {
	for _, of := range []func(Incident) string{
		func(i Incident) string { return fold(i.ID) },
		func(i Incident) string { return fold(i.Reference) },
		func(i Incident) string { return numberOf(i.Reference) },
		func(i Incident) string { return address(text(i.raw, "permalink")) },
	} {
		var found []string
		for _, x := range l.incidents {
			if name != "" && of(x) == address(name) {
				found = append(found, x.ID)
			}
		}
		if len(found) > 0 {
			return len(found) == 1 && found[0] == i.ID
		}
	}
	return false
}

// numberOf is the number at the end of a reference: 123 of INC-123.
func numberOf(reference string) string {
	n := len(reference)
	for n > 0 && reference[n-1] >= '0' && reference[n-1] <= '9' {
		n--
	}
	return reference[n:]
}

// near is L3.
func (l linker) near(i Incident) *shipment {
	if l.s.NoWindow || len(i.Services) == 0 && !l.s.AnyService && len(l.services) != 1 {
		return nil
	}
	if x := l.before(i); x != nil && i.Start.Sub(x.Success) <= l.s.FailureWindow {
		return x
	}
	return nil
}

// before is the latest counted deployment of the incident's services, or of any where it names none, that had finished when
// the incident began; a member of a group is one (D5).
func (c *computed) before(i Incident) *shipment {
	var all []*shipment
	for _, x := range c.shipments {
		if x.countsWith(c.s) && !x.Success.After(i.Start) && (len(i.Services) == 0 || slices.Contains(i.Services, x.service)) {
			all = append(all, x)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return latest(all)
}

// split parts shipments into those that finished at or before an instant and those after it.
func split(all []*shipment, at time.Time) (earlier, later []*shipment) {
	for _, x := range all {
		if x.Success.After(at) {
			later = append(later, x)
		} else {
			earlier = append(earlier, x)
		}
	}
	return earlier, later
}

func latest(all []*shipment) *shipment { return slices.MaxFunc(all, before) }

// unlinked gives counted incidents for which nothing gave a cause (L4).
func (c *computed) unlinked() []string {
	var out []string
	for _, i := range c.incidents {
		if i.Counted && !slices.ContainsFunc(c.links, func(l Link) bool { return l.Incident == i.ID && l.Role == "cause" }) {
			out = append(out, i.ID)
		}
	}
	slices.SortFunc(out, cmp.Compare[string])
	return out
}
