"""Prints, of every table of some DuckDB files, how many rows it has and how many bytes of BigQuery a row has on average in each column.

Sizes: https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types#data_type_sizes; null has none.
"""

import json
import sys

import duckdb


def size(name, kind):
    if kind == "VARCHAR":
        return f'sum(2 + strlen("{name}"))'
    return f'{1 if kind == "BOOLEAN" else 8} * count("{name}")'


tables = {}
for path in sys.argv[1:]:
    with duckdb.connect(path, read_only=True) as con:
        known = con.execute(
            """select t.table_name, list((c.column_name, c.data_type) order by c.column_index)
            from duckdb_tables() as t inner join duckdb_columns() as c on c.table_oid = t.table_oid and c.database_name = t.database_name
            where not t.internal group by t.table_name"""
        ).fetchall()
        for table, columns in known:
            for name, kind in columns:
                if kind not in ("VARCHAR", "BOOLEAN", "BIGINT", "INTEGER", "HUGEINT", "DOUBLE", "DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"):
                    sys.exit(f"{table}.{name}: a {kind} has no size here")
            rows, *sizes = con.execute(f'select count(*), {", ".join(size(*c) for c in columns)} from "{table}"').fetchone()
            tables[table] = {"rows": rows, "bytes": {name.lower(): float(s or 0) / max(rows, 1) for (name, _), s in zip(columns, sizes)}}
print(json.dumps(tables))
