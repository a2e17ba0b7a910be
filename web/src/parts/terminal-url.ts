/** A page of its own with a shell in a container of a team. */
export const terminalUrl = (team: string, handle: string): string => `/terminal?${new URLSearchParams({ team, handle })}`
