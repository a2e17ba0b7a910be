import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What the session's commands name: pipelines, a task and its input. Images are those of pushDemoImages. */
export async function writeSessionFiles(folder: string, registry: string): Promise<void> {
  const source = `{repository: ${registry}/tools, tag: "1", insecure: true}`
  const config = (script: string, more = '') =>
    `{platform: linux, image_resource: {type: registry-image, source: ${source}}, ${more}run: {path: sh, args: [-c, ${JSON.stringify(script)}]}}`
  await writeFile(
    join(folder, 'pipeline.yml'),
    `resource_types:
- {name: tool, type: registry-image, source: {repository: ${registry}/letterbox-resource, insecure: true}}
resources:
- {name: image, type: registry-image, webhook_token: hooked, source: ${source}}
- {name: letter, type: tool, source: {letters: [a, b]}}
jobs:
- name: unit
  plan:
  - {get: image}
  - {get: letter}
  - {task: greet, config: ${config('echo hello from $WHO; ls caches', 'caches: [{path: caches}], params: {WHO: a task}, ')}}
- name: deploy
  plan:
  - {get: image, passed: [unit]}
  - {task: deploy, config: ${config('echo deployed')}}
- name: broken
  plan:
  - {task: fail, config: ${config('echo going wrong; exit 3')}}
- name: matrix
  plan:
  - task: built-((.:os))-((.:arch))
    across:
    - {var: os, values: [alpine, debian], max_in_flight: all}
    - {var: arch, values: [amd64, arm64], max_in_flight: 1}
    fail_fast: true
    config: ${config('echo combination ((.:os)) ((.:arch))')}
- name: slow
  plan:
  - {task: wait, config: ${config('echo waiting; sleep 600')}}
`,
  )
  await writeFile(join(folder, 'instance.yml'), `jobs: [{name: j, plan: [{task: t, config: ${config('true')}}]}]\n`)
  await writeFile(join(folder, 'refused.yml'), 'jobs: [{name: unit, plan: [{get: nothing}]}]\n')
  await writeFile(join(folder, 'team.yml'), 'roles:\n- name: owner\n  local: {users: [admin]}\n- name: viewer\n  oidc: {groups: [Everybody]}\n')
  await writeFile(join(folder, 'task.yml'), `${config('echo "hello $(cat in/name)" | tee out/greeting; exit $CODE', 'inputs: [{name: in}], outputs: [{name: out}], params: {CODE: ((code))}, ')}\n`)
  await writeFile(join(folder, 'lone.yml'), `${config('echo no input')}\n`)
  await mkdir(join(folder, 'in'))
  await writeFile(join(folder, 'in', 'name'), 'world\n')
}
