#!/bin/sh
# out of the demo's resource type: "sends" the file that params name, from the artifacts in the folder $1.
set -eu
request=$(tr -d '\n')
file=$(printf '%s' "$request" | sed -n 's/.*"file":"\([^"]*\)".*/\1/p')
sum=$(sha256sum "$1/$file" | cut -c1-12)
echo "sending $file" >&2
printf '{"version":{"letter":"%s"},"metadata":[{"name":"words","value":"%s"}]}\n' "$sum" "$(wc -w < "$1/$file")"
