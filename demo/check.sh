#!/bin/sh
# check of the demo's resource type: as many versions as the source has letters.
set -eu
request=$(cat)
count=$(printf '%s' "$request" | tr -d '\n' | sed -n 's/.*"letters":\[\([^]]*\)\].*/\1/p' | grep -o '"[^"]*"' | wc -l)
printf '['
i=1
while [ "$i" -le "$count" ]; do
  [ "$i" -eq 1 ] || printf ','
  printf '{"letter":"%s"}' "$i"
  i=$((i + 1))
done
printf ']\n'
