#!/bin/sh
# Installs assistant @version from the folder that this file stands in. Needs Python with venv, and no network.
# Nothing is written before every file of the bundle is checked; --help says more.

# The package checks the bundle and does everything else, straight from its wheel; this checks the wheel.
start='
import hashlib, sys
folder = sys.argv.pop(1)
wheel = folder + "/wheels/@wheel"
with open(wheel, "rb") as file:
    if hashlib.sha256(file.read()).hexdigest() != "@sha256":
        sys.exit("error: wheels/@wheel is damaged\n       Copy the bundle again, or have it made again.")
sys.path.insert(0, wheel)
sys.dont_write_bytecode = True
from assistant.bundle.install import main
sys.exit(main(folder))
'

fits='import sys; sys.exit(f"3.{sys.version_info.minor}" not in "@pythons".split())'
says='import sys; print(sys.executable, "is Python", sys.version.split()[0])'

main() {
  case $0 in */*) here=${0%/*} ;; *) here=. ;; esac
  here=$(CDPATH='' cd -- "$here" && pwd -P) || exit 1
  found=
  for python in ${PYTHON:+"$PYTHON"} python3 @candidates; do
    if "$python" -I -c "$fits" 2>/dev/null; then
      exec "$python" -I -c "$start" "$here" "$@@"
    fi
    found=${found:-$("$python" -I -c "$says" 2>/dev/null)}
  done
  echo "error: this bundle is for Python @wanted; ${found:-there is none here}" >&2
  echo "       Install that Python, name it (PYTHON=/path/to/python sh install.sh), or have a bundle made for yours." >&2
  exit 2
}

main "$@@"
