/** Chromium's engine without the windows, menus and extensions around it, from Debian's package of that name: a tab costs a quarter of the processor time. */
export const headlessShell = '/usr/lib/chromium/chromium-headless-shell'

/** All of it, for what the other one has not: permissions, as for notifications. */
export const wholeChromium = '/usr/bin/chromium'
