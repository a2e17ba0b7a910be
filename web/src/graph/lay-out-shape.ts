import { jobsView } from './jobs-view.ts'
import type { Picture } from './picture.ts'
import type { Shape } from './protocol.ts'
import { pictureOf, resourcesView } from './resources-view.ts'

export function layOutShape(shape: Shape): Picture {
  switch (shape.view) {
    case 'jobs': return jobsView(shape.jobs)
    case 'resources': return resourcesView(shape.jobs)
    case 'nodes': return pictureOf(shape.nodes, shape.edges)
  }
}
