package random

import (
	"slices"
	"strings"
	"time"
)

// launch is something that was deployed, by whatever source it is known.
type launch struct {
	source, id       string // our id is source:id
	repository       *repository
	commit           *commit
	sha              string // as the source writes it; "" where it does not say
	ref              string
	environment      string
	created          time.Time
	finished         time.Time // zero unless it succeeded
	address, webPage string
}

// status is one of a deployment's.
type status struct {
	state string
	at    time.Time
}

// environments of production and others, in spellings that differ.
var environments = []string{
	"production", "production", "production", "production", "production", "Production", "prod-eu", "PROD-EU", "prod-us", "staging", "qa",
}

func (m *maker) makeDeployments() {
	for _, r := range m.repositories {
		from := m.from
		if m.chance(0.3) { // known from the beginning of the code
			from = m.from.Add(-35 * 24 * time.Hour)
		}
		live := map[string][]*launch{}
		for _, at := range m.instants(18+m.rng.IntN(18), from, m.to.Add(-time.Hour)) {
			m.deploy(r, at, live)
		}
		if m.chance(0.3) && r.id == "998" { // several at one instant
			at := m.instant(from, m.to.Add(-time.Hour))
			for range 3 {
				m.deploy(r, at, live)
			}
		}
	}
}

// deploy makes a deployment to some environment, which mostly succeeds.
func (m *maker) deploy(r *repository, at time.Time, live map[string][]*launch) {
	l := &launch{source: "deployments", id: text("%d", m.number()), repository: r, environment: pick(m, environments), created: at}
	if m.chance(0.12) { // it was made for another, and its latest status says so
		l.environment = pick(m, environments)
	}
	m.choose(r, l, at, live[l.environment])
	l.address = text("https://api.github.com/repos/%s/deployments/%s", r.nameAt(at), l.id)
	l.webPage = text("https://github.com/%s/deployments/%s?from=mail#top", r.nameAt(at), l.id)
	task, transient := "deploy", false
	switch x := m.rng.Float64(); {
	case x < 0.05:
		task = pick(m, []string{"deploy:migrations", "Deploy", ""})
	case x < 0.09:
		transient = true
	}
	statuses := m.statuses(at)
	for _, s := range statuses {
		if s.state == "SUCCESS" && (l.finished.IsZero() || s.at.Before(l.finished)) {
			l.finished = s.at
		}
	}
	if !l.finished.IsZero() {
		live[l.environment] = append(live[l.environment], l)
	}
	m.launches = append(m.launches, l)
	m.observeDeployment(l, task, transient, statuses)
	if !l.finished.IsZero() && m.chance(0.4) {
		m.runWorkflow(l)
	}
}

// choose says which commit is deployed.
func (m *maker) choose(r *repository, l *launch, at time.Time, before []*launch) {
	tip := r.headAt(at)
	l.ref = pick(m, []string{"main", "main", "refs/heads/main", tip.commit.sha})
	switch x := m.rng.Float64(); {
	case x < 0.10 && len(before) > 0: // the same again
		tip = mended(before[len(before)-1])
	case x < 0.24 && len(before) > 1: // back
		tip = mended(pick(m, before[:len(before)-1]))
		l.ref = "rollback"
	case x < 0.28:
		tip = pick(m, r.main)
	case x < 0.38 && len(r.sides) > 0:
		tip = pick(m, r.sides)
		l.ref = tip.ref
	}
	l.commit, l.sha = tip.commit, tip.commit.sha
	if m.chance(0.04) {
		l.sha = strings.ToUpper(l.sha)
	}
}

func mended(l *launch) tip { return tip{l.created, l.commit, l.ref} }

// statuses is what became of a deployment that was made at an instant.
func (m *maker) statuses(at time.Time) []status {
	soon := func(after time.Time) time.Time {
		if m.chance(0.1) {
			return after
		}
		return after.Add(m.between(time.Second, 40*time.Minute)).Truncate(time.Second)
	}
	begun := soon(at)
	out := []status{{pick(m, []string{"QUEUED", "IN_PROGRESS", "PENDING", "WAITING"}), begun}}
	switch x := m.rng.Float64(); {
	case x < 0.05:
		return nil
	case x < 0.10:
		return out
	case x < 0.17:
		return append(out, status{pick(m, []string{"FAILURE", "ERROR", "INACTIVE"}), soon(begun)})
	case x < 0.24: // with success at last
		failed := soon(begun)
		out = append(out, status{"FAILURE", failed}, status{"IN_PROGRESS", failed.Add(m.between(time.Minute, 30*time.Hour)).Truncate(time.Second)})
		begun = out[len(out)-1].at
	case x < 0.26: // a clock that is behind
		out, begun = nil, at.Add(-2*time.Hour)
	}
	done := soon(begun)
	out = append(out, status{"SUCCESS", done})
	switch x := m.rng.Float64(); {
	case x < 0.5: // another took its place
		out = append(out, status{"INACTIVE", done.Add(m.between(time.Hour, 20*24*time.Hour)).Truncate(time.Second)})
	case x < 0.6:
		out = append(out, status{"FAILURE", soon(done)}, status{"SUCCESS", soon(done.Add(time.Hour))})
	}
	slices.SortStableFunc(out, func(a, b status) int { return a.at.Compare(b.at) })
	return out
}

// observeDeployment lets the syncs see a deployment as it was made and after each of its statuses.
func (m *maker) observeDeployment(l *launch, task string, transient bool, statuses []status) {
	payload, made := m.payload(), pick(m, []string{l.environment, l.environment, l.environment, "staging"})
	show := func(n int) func(time.Time) object {
		updated := l.created
		shown := []object{}
		var latest any
		for i, s := range statuses[:n] {
			o := object{
				"id": text("DS_%s_%d", l.id, i), "state": s.state, "createdAt": stamp(s.at), "updatedAt": stamp(s.at), "environment": l.environment,
				"environmentUrl": nil, "logUrl": nil, "description": "",
			}
			if i == 0 {
				o["logUrl"] = text("https://github.com/%s/actions/runs/%s/job/1", l.repository.name, l.id)
			}
			shown = append(shown, o)
			latest = l.environment
			if s.at.After(updated) {
				updated = s.at
			}
		}
		return func(seen time.Time) object {
			environment := l.environment
			if len(shown) > 0 {
				environment = made
			}
			return object{
				"id": l.id, "repository_id": l.repository.id, "repository": l.repository.nameAt(seen), "statuses": shown, "latest_environment": latest,
				"updated_at": stamp(updated),
				"deployment": object{
					"node_id": "DE_" + l.id, "sha": l.sha, "ref": l.ref, "task": task, "environment": environment, "original_environment": made,
					"production_environment": true, "transient_environment": transient, "description": nil, "url": l.address, "payload": payload,
					"creator": object{"login": "robot", "id": 7, "type": "User"}, "created_at": stamp(l.created), "updated_at": stamp(updated),
				},
			}
		}
	}
	versions := []version{{at: l.created, show: show(0)}}
	for i, s := range statuses {
		versions = append(versions, version{at: later(s.at, l.created), show: show(i + 1)})
	}
	if m.chance(0.05) {
		versions = append(versions, version{at: m.instant(l.created.Add(24*time.Hour), m.to), gone: true})
		if m.chance(0.3) { // and back: somebody had changed what the token may see
			versions = append(versions, version{at: m.to, show: show(len(statuses))})
		}
	}
	m.observe("github_deployments", l.id, true, nil, versions...)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// payload is what the deployer attached: few pipelines, so that several deployments are of one.
func (m *maker) payload() any {
	id := m.rng.IntN(12)
	switch m.rng.IntN(8) {
	case 0:
		return nil
	case 1:
		return ""
	case 2:
		return "made by hand"
	case 3:
		return text(`{"pipeline_id":"p-%d"}`, id)
	case 4:
		return string(asJSON(text(`{"pipeline_id":"p-%d"}`, id)))
	case 5:
		return object{"pipeline_id": pick(m, []any{nil, "", object{"a": 1}})}
	case 6:
		return object{"pipeline_id": 1000 + id}
	default:
		return object{"pipeline_id": text("p-%d", id), "other": true}
	}
}
