#!/bin/sh
# venv.sh PYTHON FOLDER REQUIREMENTS makes a virtual environment with hash-pinned packages, or brings it up to date.
set -eu
python=$1 folder=$2 requirements=$3
"$python" -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else 1)' 2>/dev/null || {
	echo "$python is missing or older than 3.11: install Python 3.11 or later, or say which one: make PYTHON=python3.12" >&2
	exit 1
}
if [ ! -x "$folder/bin/python" ] || ! "$folder/bin/python" -c '' 2>/dev/null; then
	rm -rf "$folder"
	"$python" -m venv "$folder" || {
		echo "$python cannot make virtual environments: on Debian, apt-get install python3-venv" >&2
		exit 1
	}
fi
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$requirements"
touch "$folder/.done"
