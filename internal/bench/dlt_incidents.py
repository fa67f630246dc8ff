"""Loads the incidents of a server into DuckDB with dlt at its fastest setting: dlt_incidents.py URL KEY."""

import sys

import dlt
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator

url, key = sys.argv[1:]


@dlt.resource(name="incidents", write_disposition="replace", file_format="parquet")
def incidents():
    client = RESTClient(
        base_url=url,
        auth=BearerTokenAuth(key),
        paginator=JSONResponseCursorPaginator(cursor_path="pagination_meta.after", cursor_param="after"),
        data_selector="incidents",
    )
    parameters = {
        "page_size": 250,
        "sort_by": "created_at_oldest_first",
        "mode[one_of]": ["standard", "retrospective", "test", "tutorial"],
        "status_category[one_of]": ["triage", "live", "learning", "paused", "closed", "declined", "canceled", "merged"],
    }
    yield from client.paginate("/v2/incidents", params=parameters)


pipeline = dlt.pipeline(
    pipeline_name="incidents",
    pipelines_dir="pipelines",
    destination=dlt.destinations.duckdb("incidents.duckdb"),
    dataset_name="raw",
)
pipeline.run(incidents(), loader_file_format="parquet")
with pipeline.sql_client() as client:
    rows = client.execute_sql("select count(*) from incidents")[0][0]
print(rows, "rows")
