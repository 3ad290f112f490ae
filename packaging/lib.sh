# SPDX-License-Identifier: GPL-3.0-or-later
# Shared by packaging/setup, demo and test: telling what happens and how long it took.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
IPSI_PRESET=${IPSI_PRESET:-release}
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1  # a second clone beside this one reuses what was compiled

say() { printf '\n== %s\n' "$*"; }

# step WORDS -- COMMAND...: says what it does, runs it, says how long it took; names the step that failed.
step() {
  local words=$1 started=$SECONDS
  shift 2
  say "$words"
  if "$@"; then
    printf '   done: %s (%d s)\n' "$words" $((SECONDS - started))
  else
    local code=$?
    printf '\nFAILED: %s (exit %d after %d s)\n' "$words" "$code" $((SECONDS - started)) >&2
    exit "$code"
  fi
}
