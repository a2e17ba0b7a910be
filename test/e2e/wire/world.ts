import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startServedWorld, type ServedWorld } from '../served-world.ts'

export type WireWorld = ServedWorld

/** A fresh server, and the files that fly's commands name. */
export async function startWireWorld(): Promise<WireWorld> {
  const world = await startServedWorld('wire')
  const { folder, registry } = world
  const image = `{type: registry-image, source: {repository: ${registry}/tools, tag: "1", insecure: true}}`
  const config = (script: string, more = '') => `{platform: linux, image_resource: ${image}, ${more}run: {path: sh, args: [-c, ${JSON.stringify(script)}]}}`
  await writeFile(
    join(folder, 'pipeline.yml'),
    `resource_types:
- {name: tool, type: registry-image, source: {repository: ${registry}/letterbox-resource, insecure: true}}
resources:
- {name: image, type: registry-image, source: {repository: ${registry}/tools, tag: "1", insecure: true}}
- {name: letter, type: tool, source: {letters: [a]}}
jobs:
- {name: unit, plan: [{get: image}, {get: letter}, {task: greet, config: ${config('echo hello')}}]}
- {name: broken, plan: [{task: fail, config: ${config('exit 3')}}]}
- {name: slow, plan: [{task: wait, config: ${config('sleep 600')}}]}
`,
  )
  await writeFile(join(folder, 'instance.yml'), `jobs: [{name: j, plan: [{task: t, config: ${config('true')}}]}]\n`)
  await writeFile(join(folder, 'task.yml'), config('cat in/word > out/word', 'inputs: [{name: in}], outputs: [{name: out}], '))
  await mkdir(join(folder, 'in'))
  await writeFile(join(folder, 'in', 'word'), 'hello\n')
  return world
}
