#!/usr/bin/env bash
# Audit this laptop, then say what the audit could not see. Ends with 0 whenever there was a verdict, good or bad:
# `scrubin check` itself tells verdicts apart by its exit code, and make would call any of them an error.
set -uo pipefail

scrubin=$1
"$scrubin" check
verdict=$?
echo
"$scrubin" doctor
doctor=$?
echo

case $verdict in
    0) said='compliant' ;;
    1) said='not compliant' ;;
    2) said='cannot tell' ;;
    *)
        echo "The audit could not run (exit code $verdict of scrubin check)." >&2
        exit "$verdict"
        ;;
esac
echo "Verdict on this laptop: $said (exit code $verdict of scrubin check)."
if [ "$doctor" -gt 2 ]; then
    echo "scrubin doctor could not run (exit code $doctor)." >&2
    exit "$doctor"
fi
