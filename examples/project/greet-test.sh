#!/bin/sh
set -e
expect() {
  [ "$1" = "$2" ] || { echo "got '$1', want '$2'"; exit 1; }
}
expect "$(sh greet.sh)" "Hello, world."
expect "$(sh greet.sh pipeline)" "Hello, pipeline."
echo "2 tests passed"
