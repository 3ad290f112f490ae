#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# One person rated by real key events on a real X server, then the program killed again and again while it is being
# rated: every flag that was acknowledged is in the study. usage: real_keys.sh IPSI IPSI_DESKTOP [KILLS]
set -u
ipsi=$1 desktop=$2 kills=${3:-8}
for tool in Xvfb xdotool; do
  command -v "$tool" >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }
done
folder=$(mktemp -d)
pid= server=
cleanup() { kill -9 $pid $server 2>/dev/null; rm -rf "$folder"; }
trap cleanup EXIT
fail() { echo "FAILED: $*"; "$ipsi" study log "$study" | tail -3; exit 1; }

export XDG_CONFIG_HOME=$folder/config XDG_RUNTIME_DIR=$folder USER=right-hand LOGNAME=right-hand QT_QPA_PLATFORM=xcb
mkdir -p "$XDG_CONFIG_HOME"
"$ipsi" demo "$folder/demo" --images 1 >/dev/null || fail 'no demo'
study=$folder/demo/demo.ipsi
exec 3< <(Xvfb -displayfd 1 -screen 0 1366x768x24 -nolisten tcp 2>/dev/null & echo "pid $!"; wait)
while read -r line <&3; do
  case $line in pid*) server=${line#pid } ;; *) export DISPLAY=:$line; break ;; esac
done

person=$(ls "$folder/demo/subjects" | head -1)
[ -n "$person" ] || fail 'nobody has a scan'

start() {
  "$desktop" "$study" --workspace qc --subject "$person" 2>"$folder/stderr" &
  pid=$!
  window=$(timeout 30 xdotool search --sync --pid $pid --name 'demo.ipsi' | head -1)
  [ -n "$window" ] || fail "no window: $(cat "$folder/stderr")"
  xdotool windowfocus --sync "$window"
  sleep 0.5
}
acts() { "$ipsi" study log "$study" --author right-hand | grep -c . ; }
wait_acts() {  # until the log has that many acts
  for _ in $(seq 200); do [ "$(acts)" -ge "$1" ] && return 0; sleep 0.02; done
  fail "waited for $1 acts, there are $(acts)"
}

start
# The left hand alone. The demo's flags are another rater's: of two different keys the second is always a change.
n=0
for pair in 1 2 3 4 5 6; do
  xdotool key $pair
  for key in s d; do
    xdotool key $key
    n=$((n + 1)); wait_acts $n
  done
done
failed() { "$ipsi" qc list "$study" --rater right-hand --subject "$person" --flag failed | grep -c "$person"; }
[ "$(failed)" = 6 ] || fail "six regions should be failed, $(failed) are"
xdotool key z
n=$((n + 1)); wait_acts $n
[ "$(failed)" = 5 ] || fail 'the undo of the last flag is not there'
echo "12 flags and an undo by real keys: ok"

for round in $(seq "$kills"); do
  xdotool key 1
  for key in a s; do
    xdotool key $key
    n=$((n + 1)); wait_acts $n
  done
  xdotool key d
  sleep "0.00$((RANDOM % 10))"
  kill -9 $pid; wait $pid 2>/dev/null
  "$ipsi" study verify "$study" >/dev/null || fail "round $round: the log does not replay to the tables"
  found=$(acts)
  [ "$found" -eq "$n" ] || [ "$found" -eq $((n + 1)) ] || fail "round $round: $n flags were acknowledged, $found are there"
  n=$found
  start
done
echo "$kills kills while rating: nothing but the key in flight lost"
kill -TERM $pid; wait $pid || fail 'did not end cleanly'
