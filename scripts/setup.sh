#!/bin/sh
# Finds a Python that can set the project up and hands over to setup.py.
# Each candidate is run, not just looked up: version managers leave commands on PATH that only print an error.

fits='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))'
for python in ${PYTHON:+"$PYTHON"} python3 python3.14 python3.13 python3.12 python3.11; do
    if "$python" -c "$fits" >/dev/null 2>&1; then
        exec "$python" scripts/setup.py
    fi
    # A Python somebody named is used or refused, never silently replaced.
    [ "$python" = "$PYTHON" ] && break
done

# None fits: a Python that can read setup.py says so better, with its version.
for python in ${PYTHON:+"$PYTHON"} python3; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 6))' >/dev/null 2>&1; then
        exec "$python" scripts/setup.py
    fi
    [ "$python" = "$PYTHON" ] && break
done
echo "Makegood needs Python 3.11 to 3.14 and ${PYTHON:-python3} does not run: install one, or name one with PYTHON=/path/to/python3 make setup." >&2
exit 1
