/** Any JSON value, as it comes from YAML, HTTP or a resource script: never trusted, never merged unchecked. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }
