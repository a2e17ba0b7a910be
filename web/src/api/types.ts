/** Shapes of the server's answers, checked there against each route. Types alone: no code of the server gets into the page. */
export type * from '../../../src/client/web-shapes.ts'
