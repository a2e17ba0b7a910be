#!/bin/sh
# Chromium, in the network of the process $BROWSER_NETWORK_OF where that is set. Run by browser.ts.
chromium=${CHROMIUM:-/usr/bin/chromium}
[ -z "$BROWSER_NETWORK_OF" ] && exec "$chromium" "$@"
exec nsenter --net="/proc/$BROWSER_NETWORK_OF/ns/net" -- "$chromium" "$@"
