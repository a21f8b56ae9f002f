#!/usr/bin/env bash
# Write the pins anew: pip-tools resolves pyproject.toml for Linux and the Python that runs it. Usage: lock.sh BIN
set -euo pipefail

bin=$1
locks=packaging/constraints
export CUSTOM_COMPILE_COMMAND='make lock'
compile=(
    "$bin/pip-compile" --quiet --generate-hashes --allow-unsafe --strip-extras --upgrade --no-annotate --no-header
    --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options
)

# Usage: pins FILE SENTENCE ARGUMENT...
pins() {
    local file=$1 sentence=$2 made
    shift 2
    made=$(mktemp)
    "${compile[@]}" --output-file "$made" "$@"
    {
        echo "# $sentence"
        echo "# Made by: make lock. For Linux on Python 3.11 or newer; every file is held to its hash."
        cat "$made"
    } >"$locks/$file"
    rm -f "$made"
}

pins runtime.txt 'What scrubin runs on, with its picture finder.' \
    --build-deps-for editable --extra photos --extra ocr --extra page pyproject.toml
pins console.txt "What the practice's console runs on." \
    --build-deps-for editable --extra console --constraint "$locks/runtime.txt" pyproject.toml
pins dev.txt 'What scrubin and its console run on, and what tests and measures them.' \
    --build-deps-for editable --extra photos --extra ocr --extra page --extra console --extra dev \
    --constraint "$locks/runtime.txt" --constraint "$locks/console.txt" pyproject.toml
pins lock-tools.txt 'What resolves the pins.' "$locks/lock-tools.in"
