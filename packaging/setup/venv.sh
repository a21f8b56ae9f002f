#!/usr/bin/env bash
# Make a private environment from a file of pins. Usage: PYTHON=python3 venv.sh FOLDER PINS [--with-project]
set -euo pipefail

folder=$1 pins=$2 project=${3:-}
python=${PYTHON:-python3}
here=$(dirname "$0")

if ! command -v "$python" >/dev/null; then
    echo "scrubin needs Python 3.11 or newer, and there is no '$python'. On Debian: apt-get install python3" >&2
    exit 3
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "scrubin needs Python 3.11 or newer; '$python' is $("$python" -V 2>&1). Name another: make PYTHON=python3.11" >&2
    exit 3
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    "$here/debian-packages.sh" check
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        echo "'$python' cannot make environments (it has no ensurepip). Use Debian's own: make PYTHON=/usr/bin/python3" >&2
        exit 3
    fi
fi

# An environment left half made, or whose interpreter was upgraded away, is made anew.
if ! "$folder/bin/python" -m pip --version >/dev/null 2>&1; then
    echo "Making $folder ..."
    "$python" -m venv --clear "$folder"
fi
echo "Installing what $pins names ..."
quiet=(--quiet --quiet --disable-pip-version-check --no-input)
"$folder/bin/python" -m pip install "${quiet[@]}" --require-hashes --requirement "$pins"
# compat: a plain path entry. The default hooks the import system, which costs every start of Python 10 ms.
if [ -n "$project" ]; then
    "$folder/bin/python" -m pip install "${quiet[@]}" --no-deps --no-build-isolation --config-settings editable_mode=compat --editable .
fi
