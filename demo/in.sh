#!/bin/sh
# in of the demo's resource type: writes the letter of the requested version into the folder $1.
set -eu
request=$(tr -d '\n')
version=$(printf '%s' "$request" | sed -n 's/.*"version":{"letter":"\([^"]*\)".*/\1/p')
letters=$(printf '%s' "$request" | sed -n 's/.*"letters":\[\([^]]*\)\].*/\1/p')
echo "fetching letter $version" >&2
printf '%s' "$letters" | grep -o '"[^"]*"' | tr -d '"' > "$1/letter.txt" || true
printf '{"version":{"letter":"%s"},"metadata":[{"name":"lines","value":"%s"}]}\n' "$version" "$(wc -l < "$1/letter.txt")"
