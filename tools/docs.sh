#!/bin/sh
# docs.sh PROGRAM DBT FOLDER builds dbt's documentation of the whole project, one page that needs no server, from the demo's own
# build, so that it has tables with their real types. PROGRAM and DBT are commands, FOLDER takes all that is made.
set -eu
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
dbt=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
mkdir -p "$3"
folder=$(cd "$3" && pwd)
root=$(cd "$(dirname "$0")/.." && pwd)
FOURFOLD_DBT=$dbt "$program" demo --once --dir "$folder/demo" >"$folder/demo.txt" 2>&1 || {
	tail -n 5 "$folder/demo.txt" >&2
	echo "docs: the demo could not be built; all that it said is in $folder/demo.txt" >&2
	exit 1
}
data=$(ls -d "$folder"/demo/demo-*/data)
# dbt opens the file to write, and a published build is for reading.
cp "$(readlink -f "$data/marts.duckdb")" "$folder/build.duckdb"
chmod u+w "$folder/build.duckdb"
cd "$root/dbt"
FOURFOLD_RAW_PATH=$data/raw.duckdb FOURFOLD_BUILD_PATH=$folder/build.duckdb FOURFOLD_TEMP_PATH=$folder/tmp DBT_TARGET_PATH=$folder/target \
	DBT_LOG_PATH=$folder/logs DO_NOT_TRACK=1 "$dbt" docs generate --static --target duckdb --profiles-dir profiles >"$folder/dbt.txt" 2>&1 || {
	tail -n 20 "$folder/dbt.txt" >&2
	echo "docs: dbt could not make them; all that it said is in $folder/dbt.txt" >&2
	exit 1
}
mv "$folder/target/static_index.html" "$folder/index.html"
rm -f "$folder/build.duckdb"
echo "The documentation of every model and column: $folder/index.html"
