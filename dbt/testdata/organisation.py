"""Makes raw ledgers of a small organisation and reckons its numbers by code that shares nothing with the dbt project. Its
repositories and deployments are in repositories.py.

organisation.py make SCHEMA RAW [SEED]    writes the ledgers into RAW; SCHEMA is JSON, table -> [[column, type], ...]
organisation.py ship SCHEMA BUILD [SEED]   writes what the program writes before dbt: what the commit graph says
organisation.py check BUILD ZONE          compares four_keys in BUILD with the numbers reckoned here
organisation.py template BUILD SQL        compares the metric template's text with four_keys, group by group
organisation.py same BUILD BUILD          compares all marts but publication, without build_id
"""

import collections
import datetime as dt
import json
import math
import random
import re
import sys
import zoneinfo

import duckdb

import repositories

UTC = dt.timezone.utc
OBSERVED = dt.datetime(2026, 3, 1, tzinfo=UTC)
# metric -> what it is made of, and how
METRICS = {
    "deployments": ("deployment", "count"), "deployments_per_day": ("deployment", "per day"), "lead_time_median_seconds": ("change", 0.5),
    "lead_time_p90_seconds": ("change", 0.9), "commit_lead_time_median_seconds": ("commit", 0.5), "change_failure_rate": ("failed", "mean"),
    "change_failure_rate_evidence": ("evident", "mean"), "failed_deployment_recovery_median_seconds": ("recovery", 0.5),
    "rework_rate": ("rework", "mean"), "incidents": ("incident", "count"), "time_to_restore_median_seconds": ("restore", 0.5),
    "time_to_restore_p90_seconds": ("restore", 0.9), "time_to_restore_mean_seconds": ("restore", "mean"),
    "time_to_acknowledge_median_seconds": ("accept", 0.5), "detection_median_seconds": ("detection", 0.5), "detection_p90_seconds": ("detection", 0.9),
    "対応_median_seconds": ("response", 0.5), "対応_p90_seconds": ("response", 0.9),  # metrics.durations, as in seeds/config
}
OF_INCIDENTS = {"incident", "restore", "accept", "detection", "response"}
SERVICES = {"API": ("api", "payments"), "Web": ("web", "storefront")}  # as in seeds/config
SEVERITIES = [("s1", "Minor", 1), ("s2", "Major", 2), ("s3", "Critical", 3)]
STATUSES = {
    "t1": ("Triage", "triage"), "t2": ("Investigating", "live"), "t3": ("Paused", "paused"), "t4": ("Documenting", "learning"),
    "t5": ("Closed", "closed"), "t6": ("Declined", "declined"), "t7": ("Merged", "merged"),
}
NAMES = {"n1": "Impact started", "n2": "Declared at", "n3": "Accepted at", "n4": "Fixed at", "n5": "Closed at"}


def text(instant):
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def incident(rng, number):
    """One incident as plain facts: what the ledgers are made from and what the numbers are reckoned from."""
    made = dt.datetime(2025, 6, 1, tzinfo=UTC) + dt.timedelta(microseconds=rng.randrange(270 * 86400 * 10**6))
    after = lambda t, most: t + dt.timedelta(microseconds=rng.randrange(1, int(most * 1e6)))  # noqa: E731
    accepted = after(made, 1800)
    ended = after(accepted, math.exp(rng.uniform(4, 12)))
    kind = rng.choices(["plain", "open", "reopened", "open again", "declined", "unaccepted"], [60, 5, 8, 3, 6, 6])[0]
    stamps = {"n2": made, "n3": accepted}
    if rng.random() < 0.6:
        stamps["n1"] = after(made - dt.timedelta(hours=1), 3600)
    if rng.random() < 0.02:
        stamps["n1"] = after(ended, 3600)  # somebody's typing error: after the end
    history = [("t1", made), ("t2", accepted)]
    if kind == "unaccepted":
        del stamps["n3"]
        history = [("t2", made)]
    if kind == "declined":
        history = [("t1", made), ("t6", accepted)]
    elif kind != "open":
        if rng.random() < 0.5:
            stamps["n4"] = ended
        history.append(("t4", ended))
        if kind in ("reopened", "open again"):
            again = after(ended, 7200)
            history.append((rng.choice(["t2", "t3"]), again))
            if kind == "reopened":
                ended = after(again, 7200)
                history.append(("t5", ended))
        else:
            history.append(("t5", after(ended, 86400)))
    return {
        "id": f"I{number:05d}", "made": made, "stamps": stamps, "history": history, "kind": kind, "ended": ended,
        "mode": rng.choices(["standard", "retrospective", "test", "tutorial"], [85, 5, 8, 2])[0],
        "severity": rng.choice(SEVERITIES + [None]), "services": rng.sample(list(SERVICES) + ["Other"], rng.choice([0, 1, 1, 2])),
        "type": rng.choice(["Default", "Security", None]),
        "cause": rng.choice(repositories.deployments())["number"] if rng.random() < 0.1 else None,
    }


def make(schema_path, raw_path, seed="1"):
    rng = random.Random(20260301)
    incidents = [incident(rng, n) for n in range(1200)]
    schema = json.load(open(schema_path))
    rows = collections.defaultdict(list)

    def add(table, key, updated=None, observed=OBSERVED, deleted=False, digest="h", **values):
        fixed = {"id": key, "_observed_at": text(observed), "_source_updated_at": text(updated) if updated else None, "_hash": digest,
                 "_deleted": deleted, "_run_id": "r1", "payload": None if deleted else "{}"}
        rows[table].append([{**fixed, **values}.get(column) for column, _ in schema[table]])

    for key, name, rank in SEVERITIES:
        add("incidentio_severities", key, OBSERVED, name=name, rank=rank)
    for key, (name, category) in STATUSES.items():
        add("incidentio_incident_statuses", key, OBSERVED, name=name, category=category, rank=1)
    for key, name in NAMES.items():
        add("incidentio_incident_timestamps", key, name=name, rank=1)
    add("incidentio_custom_fields", "f1", OBSERVED, name="Product", field_type="multi_select")
    add("incidentio_custom_fields", "f2", OBSERVED, name="Caused by", field_type="text")
    repositories.ledgers(add, OBSERVED)
    for i in incidents:
        status, last = i["history"][-1]
        severity = i["severity"] or (None, None, None)
        body = dict(
            reference="INC-" + i["id"], name="Incident " + i["id"], mode=i["mode"], visibility="public", status_id=status,
            status_name="stale name", status_category=STATUSES[status][1], severity_id=severity[0], severity_name=severity[1],
            severity_rank=severity[2], incident_type_name=i["type"], created_at=text(i["made"]), updated_at=text(last),
            timestamps=json.dumps([{"id": k, "name": NAMES[k], "rank": 1, **({"at": text(i["stamps"][k])} if k in i["stamps"] else {})}
                                   for k in NAMES]),
            custom_fields=json.dumps([{"id": "f1", "name": "Product", "type": "multi_select",
                                       "values": [{"value": v} for v in i["services"]]},
                                      {"id": "f2", "name": "Caused by", "type": "text", "values": [{"value": i["cause"]}] if i["cause"] else []}]))
        add("incidentio_incidents", i["id"], last, **body)
        if rng.random() < 0.2:  # an older version, and one that the build must not see yet
            add("incidentio_incidents", i["id"], i["made"], OBSERVED - dt.timedelta(days=1), digest="g", **{**body, "mode": "test"})
            add("incidentio_incidents", i["id"], last, OBSERVED + dt.timedelta(days=1), digest="i", **{**body, "mode": "test"})
        for n, (state, at) in enumerate(i["history"]):
            add("incidentio_incident_updates", f"{i['id']}-{n}", incident_id=i["id"], status_id=state, status_name=STATUSES[state][0],
                status_category=STATUSES[state][1], created_at=text(at))
        if rng.random() < 0.3:
            add("incidentio_follow_ups", "F" + i["id"], last, incident_id=i["id"], title="Do", status="outstanding", created_at=text(last))
    add("incidentio_incidents", "gone", OBSERVED, OBSERVED - dt.timedelta(days=2), mode="standard", reference="INC-gone", name="Gone",
        visibility="public", status_category="closed", created_at=text(OBSERVED), updated_at=text(OBSERVED))
    add("incidentio_incidents", "gone", None, OBSERVED - dt.timedelta(days=1), deleted=True)
    add("incidentio_follow_ups", "orphan", OBSERVED, incident_id="gone", title="Do", status="outstanding", created_at=text(OBSERVED))
    for n, (key, landed) in enumerate([("I00001", True), ("never", False)]):
        add("rejected", "incidentio_incidents:" + key, None, OBSERVED - dt.timedelta(hours=1 + n), table_name="incidentio_incidents",
            object_id=key, column_name="mode", reason="missing", landed=landed)
    for stream, state in [("incidents", "ok"), ("severities", "failed"), ("users", "skipped")]:
        values = dict(run_id="r1", observed_at=text(OBSERVED), source="incidentio", stream=stream, table_name="incidentio_" + stream,
                      started_at=text(OBSERVED), finished_at=text(OBSERVED), status=state, error=None if state == "ok" else "403",
                      is_full=True, rows_read=1, versions_added=1, tombstones=0, rejected=0, requests=1)
        rows["runs"].append([values[column] for column, _ in schema["runs"]])

    write(raw_path, schema, rows, seed)


def write(path, schema, rows, seed):
    """Makes the tables, their rows in an order that the seed gives."""
    order = random.Random(int(seed))
    with duckdb.connect(path) as con:
        con.execute("set timezone = 'UTC'")
        for table, columns in schema.items():
            con.execute(f"create table {table} (" + ", ".join(f'"{name}" {kind}' for name, kind in columns) + ")")
            order.shuffle(rows[table])
            marks = "(" + ", ".join("?" * len(columns)) + ")"
            for part in (rows[table][n:n + 200] for n in range(0, len(rows[table]), 200)):
                con.execute(f"insert into {table} values " + ", ".join([marks] * len(part)), [value for row in part for value in row])


def ship(schema_path, build_path, seed="1"):
    rows = collections.defaultdict(list, ship_services=list(SERVICES.values()))
    repositories.ship(lambda table, *values: rows[table].append(values))
    write(build_path, json.load(open(schema_path)), rows, seed)


def reckon(zone):
    """The numbers by month: {(dimension, value, month, metric): (value, n)}; the rules read straight from the facts."""
    rng = random.Random(20260301)
    values, firsts, causes = collections.defaultdict(list), {}, []
    today = OBSERVED.astimezone(zone).date()

    def add(what, groups, at, value):
        month = at.astimezone(zone).date().replace(day=1)
        for g in groups:
            values[what, g, month].append(value)
            firsts[g] = min(month, firsts.get(g, month))

    def groups_of(services, **others):
        teams = dict(SERVICES.values())
        return {("all", "all")} | {(k, v) for s in services for k, v in (("service", s), ("team", teams[s]))} | {(k, v) for k, v in others.items() if v}

    for i in [incident(rng, n) for n in range(1200)]:
        if i["mode"] in ("test", "tutorial") or i["kind"] == "declined":
            continue
        start = i["stamps"].get("n1", i["stamps"]["n2"])
        end = None if i["kind"] in ("open", "open again") else i["ended"]
        services = [SERVICES[s][0] for s in i["services"] if s in SERVICES]
        groups = groups_of(services, severity=i["severity"] and i["severity"][1], incident_type=i["type"]) | {("field:Product", s) for s in i["services"]}
        causes.append((start, end, services, i["cause"]))
        add("incident", groups, start, 1)
        if end and end >= start:
            add("restore", groups, end, (end - start) // repositories.SECOND)
        # Without "Accepted at" the move from triage into live decides; who was never in triage has none.
        if "n3" in i["stamps"] and i["stamps"]["n3"] >= start:
            add("accept", groups, start, (i["stamps"]["n3"] - start) // repositories.SECOND)
        if start == i["stamps"].get("n1") and i["stamps"]["n2"] >= start:
            add("detection", groups, start, (i["stamps"]["n2"] - start) // repositories.SECOND)
        if end and "n3" in i["stamps"]:
            add("response", groups, i["stamps"]["n3"], (end - i["stamps"]["n3"]) // repositories.SECOND)
    of = {r: groups_of(services, repository=name) for r, (name, services, _) in repositories.REPOSITORIES.items()}
    for d, *numbers in repositories.outcomes(causes):
        for what, value in zip(("deployment", "failed", "evident", "rework", "recovery"), (1, *numbers)):
            if value is not None:
                add(what, of[d["repository"]], d["finished"], value)
    for what, repository, d, seconds in repositories.lead_times():
        add(what, of[repository], d["finished"], seconds)
    out = {}
    for g, month in firsts.items():
        while month <= today:
            after = (month + dt.timedelta(days=32)).replace(day=1)
            for metric, (what, how) in METRICS.items():
                # A metric has numbers only where its objects have the dimension (P3).
                if g[0] in ("all", "service", "team") or (what in OF_INCIDENTS) != (g[0] == "repository"):
                    v = sorted(values[what, g, month])
                    days = (min(after, today + dt.timedelta(days=1)) - month).days
                    number = {"count": float(len(v)), "per day": len(v) / days, "mean": sum(v) / len(v) if v else None}
                    out[(*g, month, metric)] = (number[how] if how in number else percentile(v, how), len(v))
            month = after
    return out


def percentile(values, p):
    if not values:
        return None
    place = p * (len(values) - 1)
    low = math.floor(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)


def check(build_path, zone):
    with duckdb.connect(build_path, read_only=True) as con:
        got = {tuple(r[:4]): (r[4], r[5]) for r in con.execute(
            "select dimension, dimension_value, period_start, metric, value, sample_size from four_keys where period = 'month'").fetchall()}
        findings = {tuple(r) for r in con.execute("select rule, object_id from data_quality where rule like 'stream%' or rule = 'rejected'").fetchall()}
        orphans = con.execute("select count(*) from fct_follow_ups where incident_id = 'gone'").fetchone()[0]
    want = reckon(zoneinfo.ZoneInfo(zone))
    bad = [f"{k}: got {got.get(k)}, want {want.get(k)}" for k in sorted(got.keys() | want.keys(), key=str) if not equal(got.get(k), want.get(k))]
    if findings != {("rejected", "never"), ("stream_failed", "incidentio.severities"), ("stream_skipped", "incidentio.users")}:
        bad.append(f"findings: {sorted(findings)}")
    if orphans:
        bad.append("a follow-up of an incident that has gone is there")
    spread = {m: sum(1 for k, v in want.items() if k[3] == m and v[0]) for m in METRICS}
    bad += [f"{m} has {n} numbers besides nulls and zeros: the organisation shows nothing of it" for m, n in spread.items() if n < 20]
    return bad, f"{len(want)} numbers"


def equal(a, b):
    if a is None or b is None or a[1] != b[1] or (a[0] is None) != (b[0] is None):
        return False
    return a[0] is None or math.isclose(a[0], b[0], rel_tol=1e-12, abs_tol=1e-9)


def fill(sql, **slots):
    for name, value in slots.items():
        sql, n = re.subn(rf"/\*<{name}>\*/.*?/\*</{name}>\*/", lambda _: value, sql, flags=re.S)
        assert n, f"the template has no slot {name}"
    return sql


def template(build_path, sql_path):
    sql = open(sql_path).read()
    columns = "metric, dimension_value, period_start, value, sample_size, low, high, level, is_open"
    bad, rows = [], 0
    with duckdb.connect(build_path, read_only=True) as con:
        con.execute("set timezone = 'UTC'")
        for dimension, value in [("all", "'all'"), ("service", "m.service"), ("team", "m.team"), ("repository", "m.repository"),
                                 ("severity", "m.severity"), ("incident_type", "m.incident_type"), ("field:Product", "f.value")]:
            for period in ["day", "week", "month", "quarter", "year"]:
                if period == "day" and dimension not in ("all", "service", "severity"):
                    continue
                asked = fill(sql, dimension=f"'{dimension}'", dimension_value=value, period=f"'{period}'")
                if dimension.startswith("field:"):
                    asked = fill(asked, joins="inner join fct_incident_fields as f on m.object_id = f.incident_id and f.field = 'Product'",
                                 filters="m.object_type = 'incident'")
                got = con.execute(f"select {columns} from ({asked}) order by all").fetchall()
                want = con.execute(f"select {columns} from four_keys where dimension = ? and period = ? order by all", [dimension, period]).fetchall()
                rows += len(want)
                if got != want:
                    bad.append(f"{dimension} by {period}: {len(got)} rows differ from {len(want)} of four_keys, first "
                               + str(next(((g, w) for g, w in zip(got, want) if g != w), "in number")))
        # A filter, some metrics, a range of days and one value for all of it, against plain SQL.
        asked = fill(sql, filters="m.service = 'api'", metrics="metrics.metric = 'time_to_restore_median_seconds'", period="'whole'",
                     from_date="date '2025-08-10'", to_date="date '2025-12-20'")
        got = con.execute(f"select period_start, value, sample_size, is_open from ({asked})").fetchall()
        want = con.execute(
            "select date '2025-08-10', quantile_cont(value, 0.5), count(*), false from fct_measures where metric = 'time_to_restore_median_seconds' "
            "and service = 'api' and local_date between date '2025-08-10' and date '2025-12-20'").fetchall()
        if got != want:
            bad.append(f"whole range: got {got}, want {want}")
        # An object of two services counts once in a total although both of its rows pass the filter.
        asked = fill(sql, filters="m.service in ('api', 'web')", metrics="metrics.metric = 'incidents'", period="'whole'")
        got = con.execute(f"select value from ({asked})").fetchall()
        want = con.execute("select count(distinct object_id)::double from fct_measures where metric = 'incidents' and service is not null").fetchall()
        if got != want:
            bad.append(f"two services: got {got}, want {want}")
    return bad, f"{rows} rows"


def same(a, b):
    bad = []
    with duckdb.connect() as con:
        con.execute(f"attach '{a}' as a (read_only); attach '{b}' as b (read_only)")
        tables = [r[0] for r in con.execute("select table_name from duckdb_tables() where database_name = 'a' order by 1").fetchall()]
        for table in tables:
            if table == "publication":
                continue
            left, right = (con.execute(f"select columns(c -> c <> 'build_id') from {side}.{table} order by all").fetchall() for side in "ab")
            if left != right:
                bad.append(f"{table} differs")
    return bad, f"{len(tables)} marts"


if __name__ == "__main__":
    command, arguments = sys.argv[1], sys.argv[2:]
    result = {"make": make, "ship": ship, "check": check, "template": template, "same": same}[command](*arguments)
    if result:
        problems, what = result
        print("\n".join(problems[:20]) if problems else f"{what} compared")
        sys.exit(1 if problems else 0)
