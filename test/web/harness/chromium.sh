#!/bin/sh
# The Chromium $CHROMIUM, in the network of the process $BROWSER_NETWORK_OF where that is set. Run by browser.ts.
[ -z "$BROWSER_NETWORK_OF" ] && exec "$CHROMIUM" "$@"
exec nsenter --net="/proc/$BROWSER_NETWORK_OF/ns/net" -- "$CHROMIUM" "$@"
