/** Types of go.mjs, which stays plain JavaScript because set-up runs it on any Node. */
export declare const MINIMUM_GO: string
export declare function findGo(options?: { log?: (line: string) => void; minimum?: string; install?: boolean }): Promise<string>
export declare function goVersion(go: string): Promise<string | undefined>
