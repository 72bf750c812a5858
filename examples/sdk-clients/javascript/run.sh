#!/bin/sh
# Runs the JavaScript example against a perdure server, installing the SDK first when needed.
#
#   ./run.sh [PORT [COUNT]]     the server's port (4001), and how many to start of each kind (5)
set -eu
cd "$(dirname -- "$0")"
command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || {
  echo "run.sh: Node.js 20 or newer is needed, with npm." >&2
  exit 1
}
if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
  npm ci --loglevel=error
fi
exec node index.js "$@"
