"""The code of the organisation: repositories whose history is a line, deployments forward and back along it, and their numbers.

All is simple by construction. A commit is a place on the line, so that what reaches what is a comparison of two numbers;
nothing here walks a graph or asks the dbt project.
"""

import bisect
import collections
import datetime as dt
import functools
import hashlib
import json
import random

UTC = dt.timezone.utc
BEGIN, DAYS = dt.datetime(2025, 6, 1, tzinfo=UTC), 270
SECOND, WINDOW = dt.timedelta(seconds=1), dt.timedelta(hours=24)  # metrics.failure_window
# id: name, services, environments with the first number of a deployment there. Production is what is named so.
REPOSITORIES = {
    "77": ("acme/api", ["api"], {"production": 90, "staging": 5000}),
    "88": ("acme/web", ["web"], {"production": 900}),
    "99": ("acme/shared", ["api", "web"], {"production": 9000, "production-eu": 20000, "staging": 30000}),
}


def digest(text):
    return hashlib.sha1(text.encode()).hexdigest()


@functools.cache
def history(repository):
    """The line of a repository: squashed pull requests, and commits that came without one."""
    rng = random.Random("history " + repository)
    before = lambda t, hours: t - dt.timedelta(microseconds=rng.randrange(1, hours * 3600 * 10**6))  # noqa: E731
    at, out = BEGIN, []
    for place in range(380):
        at += dt.timedelta(microseconds=rng.randrange(1, 34 * 3600 * 10**6))
        opened = before(at, 90)
        out.append({
            "sha": digest(f"{repository} {place}"), "number": place + 1 if rng.random() < 0.8 else None, "merged": at, "opened": opened,
            # The branch was begun before it was opened, or after; or nobody knows. Some authors' clocks are a week ahead.
            "first": rng.choice([before(opened, 90), before(opened, 90), before(at, 1), None]),
            "authored": before(at, 60) + dt.timedelta(days=7 if rng.random() < 0.02 else 0), "hotfix": rng.random() < 0.06,
        })
    return out


@functools.cache
def deployments():
    """Every deployment, as GitHub has it and as the walk over the graph would judge it."""
    return [d for r, (_, _, environments) in REPOSITORIES.items() for e in environments for d in group(r, e)]


def group(repository, environment):
    rng = random.Random(f"deployments {repository} {environment}")
    merged = [c["merged"] for c in history(repository)]
    out, live, reached, unknown = [], [], -1, False  # live: those that took part, in order
    for n, at in enumerate(sorted(BEGIN + dt.timedelta(days=3, microseconds=rng.randrange((DAYS - 4) * 86400 * 10**6)) for _ in range(230))):
        newest, last = bisect.bisect_right(merged, at) - 1, live[-1]["place"] if live else None
        how = rng.choices(["on", "same", "back", "gone", "failed", "other task", "transient"], [60, 8, 9, 2, 9, 3, 3])[0]
        if not live or unknown:  # the first commit is a known one, and what follows an unknown one is new
            how = "on"
            if newest <= reached:
                continue
        d = {
            "number": str(REPOSITORIES[repository][2][environment] + n), "repository": repository, "environment": environment,
            "production": environment.startswith("production"), "created": at - dt.timedelta(minutes=rng.randrange(1, 90)), "finished": at,
            "state": "inactive", "task": "deploy", "transient": False, "kind": None, "previous": None, "culprit": None, "shipped": range(0),
            "follows_unknown": unknown, "place": {"same": last, "back": max(0, (last or 0) - rng.randrange(1, 4)), "gone": None}.get(how, newest),
        }
        d["sha"] = digest("gone " + d["number"]) if d["place"] is None else history(repository)[d["place"]]["sha"]
        out.append(d)
        if how == "failed":
            d.update(finished=None, state=rng.choice(["failure", "in_progress", "inactive"]))
        elif how == "other task":
            d["task"] = "deploy:migrations"
        elif how == "transient":
            d["transient"] = True
        else:
            d["previous"] = live[-1] if live else None
            if not live:
                d["kind"], reached = "baseline", newest
            elif d["place"] is None or last is None or d["place"] > last:
                d["kind"] = "forward"
            else:
                d["kind"] = "redeploy" if d["place"] == last else "rollback"
                stood = [i for i, e in enumerate(live) if e["place"] is not None and e["place"] <= d["place"]]
                if d["kind"] == "rollback" and stood:
                    d["culprit"] = next((e for e in live[stood[-1] + 1:] if e["kind"] == "forward"), None)
            if d["place"] is not None and d["place"] > reached:
                d["shipped"], reached = range(reached + 1, d["place"] + 1), d["place"]
            unknown = d["place"] is None
            live.append(d)
    return out


def counted():
    return sorted((d for d in deployments() if d["production"] and d["kind"]), key=lambda d: d["finished"])


def came(repository):
    """Where each place of a line came to production first: {place: deployment}; a baseline brings all up to its own."""
    out = {}
    for d in counted():
        if d["repository"] == repository:
            for place in range(d["place"] + 1) if d["kind"] == "baseline" else d["shipped"]:
                out.setdefault(place, d)
    return out


def lead_times():
    """(what, repository, deployment, seconds) of every change and commit that has a lead time."""
    for repository in REPOSITORIES:
        for place, d in came(repository).items():
            c = history(repository)[place]
            if d["kind"] == "baseline" or d["follows_unknown"]:
                continue
            start = c["authored"] if c["number"] is None else min(c["first"] or c["opened"], c["opened"])
            for what, begun in [("change", start), ("commit", c["authored"])]:
                if begun <= d["finished"]:
                    yield what, repository, d, (d["finished"] - begun) // SECOND


def outcomes(incidents):
    """(deployment, failed, failed by evidence, rework, seconds to recover or None) of every counted deployment; an incident is (start,
    end or None, services, number of the deployment that it names or None)."""
    caused, back = collections.defaultdict(list), {}
    by_service = {s: [d for d in counted() if s in REPOSITORIES[d["repository"]][1]] for s in ("api", "web")}
    times = {s: [d["finished"] for d in all_of] for s, all_of in by_service.items()}
    for start, end, services, named in incidents:
        if named:
            caused[named].append((end, True))
            continue
        near = [by_service[s][n - 1] for s in services if (n := bisect.bisect_right(times[s], start))]
        latest = max(near, key=lambda d: d["finished"], default=None)
        if latest and start - latest["finished"] <= WINDOW:
            caused[latest["number"]].append((end, False))
    for d in counted():
        if d["culprit"]:
            back.setdefault(d["culprit"]["number"], d["finished"])
    for d in counted():
        links, returned = caused[d["number"]], back.get(d["number"])
        over = returned if not links else None if any(end is None for end, _ in links) else max(end for end, _ in links)
        rework = d["kind"] == "rollback" or any(c["number"] and c["hotfix"] for c in map(history(d["repository"]).__getitem__, d["shipped"]))
        recovery = (over - d["finished"]) // SECOND if over and over >= d["finished"] else None
        yield d, bool(links or returned), bool(returned or any(evident for _, evident in links)), rework, recovery


def ledgers(add, observed):
    for repository, (full_name, _, _) in REPOSITORIES.items():
        add("github_repositories", repository, name=full_name, default_branch="main", created_at=BEGIN, url="https://github.com/" + full_name)
        for c in history(repository):
            add("github_commits", f"{repository}:{c['sha']}", repository_id=repository, sha=c["sha"], authored_at=c["authored"],
                committed_at=c["merged"], is_bot=False, title="Change")
            if c["number"]:
                add("github_pull_requests", f"P{repository}-{c['number']}", c["merged"], repository_id=repository, repository=full_name,
                    number=c["number"], title="Change", merge_oid=c["sha"], head_ref="change", created_at=c["opened"], merged_at=c["merged"],
                    is_bot=False, labels=json.dumps(["Hotfix"] if c["hotfix"] else ["hotfix-not"]))
    for d in deployments():
        add("github_deployments", d["number"], d["created"], repository_id=d["repository"], repository=REPOSITORIES[d["repository"]][0],
            sha=d["sha"], ref="main", task=d["task"], environment=d["environment"], is_transient=d["transient"], created_at=d["created"],
            finished_at=d["finished"], latest_state=d["state"])


def ship(add):
    """What the program would have written: see transform/shiptables.go."""
    our = lambda d: d and "deployments:" + d["number"]  # noqa: E731
    for repository, (full_name, services, environments) in REPOSITORIES.items():
        baselines = {d["environment"]: d for d in deployments() if d["repository"] == repository and d["kind"] == "baseline"}
        line = [(place, c, f"P{repository}-{c['number']}") for place, c in enumerate(history(repository))]
        for _, c, pull in line:
            if c["number"]:
                add("ship_pull_requests", pull, repository, "squash", True, c["first"], 1)
                add("ship_commit_pull_requests", repository, c["sha"], pull)
        for service in services:
            add("ship_repositories", repository, full_name, service, False)
            for environment in filter(lambda e: e.startswith("production"), environments):
                for place, c, pull in line:
                    if c["number"] and place <= baselines[environment]["place"]:
                        add("ship_baseline_pull_requests", service, repository, environment, pull)
            for place, d in came(repository).items():
                # Only those that another environment was sent afterwards.
                if d["kind"] == "baseline" and any(place > b["place"] for b in baselines.values() if b["production"]):
                    add("ship_baseline_commits", service, repository, d["environment"], history(repository)[place]["sha"])
            for d in (d for d in deployments() if d["repository"] == repository):
                lived = d["kind"] is not None
                add("ship_deployments", our(d), "deployments", d["number"], json.dumps([d["number"]]), None, repository, full_name, service,
                    d["environment"], True, d["production"], 1 if d["production"] else None, d["task"], d["transient"], d["sha"], "main", None,
                    d["created"], d["finished"], d["state"] if d["finished"] is None else "success", d["kind"], False if lived else None,
                    d["place"] is not None, d["follows_unknown"] and lived, our(d["previous"]), our(d["culprit"]),
                    len(d["shipped"]) if lived else None)
                for name in (d["number"], our(d), f"https://github.com/{full_name}/deployments/{d['number']}"):
                    add("ship_deployment_names", name, our(d), service)
                for place in d["shipped"]:
                    add("shipped_commits", service, repository, d["environment"], history(repository)[place]["sha"], our(d), False)
                    if history(repository)[place]["number"]:
                        add("shipped_pull_requests", service, repository, d["environment"], line[place][2], our(d))
