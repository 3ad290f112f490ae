#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# In a place without any network (not even loopback): the sample study is made, rated, analysed and shown, and no
# program asks for a connection. usage: no_network.sh IPSI IPSI_DESKTOP
set -u
if [ -z "${IPSI_UNPLUGGED:-}" ]; then
  unshare -rn true 2>/dev/null || { echo 'skipped: this system lets nobody unplug a network'; exit 77; }
  IPSI_UNPLUGGED=1 exec unshare -rn "$0" "$@"
fi
ipsi=$1 desktop=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
fail() { echo "FAILED: $*"; exit 1; }
[ "$(tail -n +3 /proc/net/dev | grep -vc '^ *lo:')" -eq 0 ] || fail 'there is a network'

export XDG_CONFIG_HOME=$folder/config XDG_CACHE_HOME=$folder/cache XDG_RUNTIME_DIR=$folder QT_QPA_PLATFORM=offscreen
mkdir -p "$XDG_CONFIG_HOME" "$XDG_CACHE_HOME"
"$ipsi" demo "$folder/demo" --images 1 >/dev/null || fail 'no demo'
study=$folder/demo/demo.ipsi
person=$(ls "$folder/demo/subjects" | head -1)
"$ipsi" qc set "$study" --subject "$person" --region left_putamen --flag failed --rater ab >/dev/null || fail 'no flag'
"$ipsi" qc suggest "$study" --limit 5 >/dev/null || fail 'no suggestions'
"$ipsi" batch "$study" --out "$folder/results" --no-maps >/dev/null 2>"$folder/stderr" || fail "no models: $(cat "$folder/stderr")"
for workspace in study qc explore model map; do
  timeout 100 "$desktop" "$study" --workspace $workspace --subject "$person" --screenshot "$folder/$workspace.png" \
    >/dev/null 2>&1 || fail "$workspace does not open"
  [ -s "$folder/$workspace.png" ] || fail "$workspace shows nothing"
done
for program in "$ipsi" "$desktop"; do
  ldd "$program" | grep -Eq 'libQt6Network|libcurl' && fail "$(basename "$program") is linked with a network library"
done
echo 'made, rated, analysed and shown without a network'
