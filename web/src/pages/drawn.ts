// Pages that draw a graph, in one file with what draws it.
export { default as CausalityPage } from './causality/CausalityPage.tsx'
export { default as PipelinePage } from './pipeline/PipelinePage.tsx'
