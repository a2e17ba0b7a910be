import { posix } from 'node:path'
import type { ArtifactRef } from '../model/artifact.ts'
import type { TaskConfig } from '../model/config.ts'
import type { TaskEventConfig } from '../model/event.ts'
import type { ImageSpec } from '../model/image.ts'
import type { PlanNode, TaskPlan } from '../model/plan.ts'
import { paramsEnv, processEnv } from './env.ts'
import { imageIdentity } from './image-identity.ts'
import { leaf, unfetched, type LeafEnd, type Running } from './leaf.ts'
import { errored, failed, succeeded } from './outcome.ts'
import type { ContainerOutcome, ContainerRequest, Step, TaskPorts } from './ports.ts'
import { processEnd } from './process-end.ts'
import { stepTimeout } from './step-timeout.ts'
import { taskImage } from './task-image.ts'
import { taskCommand, type TaskCommand } from './task-command.ts'
import { inputNames, taskLayout, type TaskLayout } from './task-layout.ts'

/** Terminal of a task's process: wide, so that programs do not wrap their lines (Concourse does the same). */
const terminal = { columns: 500, rows: 500 }

/** Runs a command in an image, with artifacts as inputs and outputs. */
export function taskStep(node: PlanNode<'task'>, ports: TaskPorts): Step {
  return { run: (state, signal) => leaf({ ports, state, signal }, () => task(node.task, { ports, state, signal })) }
}

async function task(plan: TaskPlan, { ports, state, signal }: Running<TaskPorts>): Promise<LeafEnd> {
  const file = await ports.download(plan.config_path === undefined ? [] : plan.config_path.split('/', 1), state, signal)
  if (!file.ok) return unfetched(file.error)
  const config = await ports.taskConfig(plan, state, signal)
  if (!config.ok) return unfetched(config.error)
  const limit = stepTimeout(plan.timeout)
  if (!limit.ok) return { outcome: errored(limit.error) }
  const files = await ports.download(inputNames(plan, config.value), state, signal)
  if (!files.ok) return unfetched(files.error)
  const layout = taskLayout(plan, config.value, state)
  if (!layout.ok) return { outcome: errored(layout.error) }

  const origin = { id: ports.planId }
  const written = eventConfig(config.value, '', layout.value)
  ports.emit({ type: 'initialize-task', data: { time: ports.time(), origin, config: written } }, 'initialize-task')

  const wanted = taskImage(plan, config.value)
  if (wanted === undefined) {
    return { outcome: errored('the task has no image: give it an `image_resource` in its config, or `image` in the step') }
  }
  const image = await ports.fetchImage(wanted, state, signal)
  if (!image.ok) return unfetched(image.error)
  const command = taskCommand(config.value, layout.value, image.value.config)
  if (!command.ok) return { outcome: errored(command.error) }

  const request = await containerRequest(plan, ports, { config: config.value, layout: layout.value, image: image.value, command: command.value, limit: limit.value })
  const ran = await ports.run(request, signal)
  if (!ran.ok) return unfetched(ran.error)
  return ended(ran.value, layout.value, ports)
}

/** Outputs of a failed, aborted or timed out task are registered too: hooks read them. */
async function ended(container: ContainerOutcome, layout: TaskLayout, ports: TaskPorts): Promise<LeafEnd> {
  const artifacts: Record<string, ArtifactRef> = {}
  for (const output of layout.outputs) {
    const artifact = container.outputs.get(output.name)
    if (artifact !== undefined) artifacts[output.artifactName] = artifact
  }
  for (const cache of layout.caches) {
    const artifact = container.outputs.get(cache.name)
    if (artifact !== undefined) await ports.saveTaskCache(cache.configured, artifact)
  }
  const end = processEnd(container)
  switch (end.kind) {
    case 'errored':
      return { outcome: errored(end.message), artifacts }
    case 'interrupted':
    case 'timed-out':
      return { outcome: { kind: end.kind }, artifacts }
    case 'exit':
      break
  }
  if (end.note !== undefined) ports.note(end.note)
  const lost = layout.outputs.filter((output) => container.failedOutputs.has(output.name))
  if (lost.length > 0 && end.status === 0) {
    const reasons = lost.map((output) => `output ${output.name}: ${container.failedOutputs.get(output.name) ?? ''}`)
    return { outcome: errored(reasons.join('\n')), artifacts }
  }
  const origin = { id: ports.planId }
  return {
    outcome: end.status === 0 ? succeeded : failed,
    events: [
      {
        key: 'finish-task',
        event: { type: 'finish-task', data: { time: ports.time(), exit_status: end.status, origin } },
      },
    ],
    artifacts,
  }
}

interface Work {
  readonly config: TaskConfig
  readonly layout: TaskLayout
  readonly image: ImageSpec
  readonly command: TaskCommand
  readonly limit: { readonly timeoutMs?: number }
}

async function containerRequest(
  plan: TaskPlan,
  ports: TaskPorts,
  { config, layout, image, command: { path, args, dir }, limit }: Work,
): Promise<ContainerRequest> {
  const caches = await Promise.all(
    layout.caches.map(async ({ name, path, configured }) => {
      const artifact = await ports.taskCache(configured)
      return { name, path, ...(artifact && { artifact }) }
    }),
  )
  const platform = ports.build.externalUrl === '' ? [] : [`ATC_EXTERNAL_URL=${ports.build.externalUrl}`]
  const started = eventConfig({ ...config, run: { ...config.run, path, args } }, imageIdentity(image), layout)
  return {
    type: 'task',
    stepName: plan.name,
    image,
    limits: { ...config.container_limits },
    hermetic: plan.hermetic,
    tags: plan.tags,
    assignment: {
      process: {
        path,
        args,
        env: processEnv(image.config, [...platform, ...paramsEnv(config.params)]),
        dir,
        user: config.run?.user || image.config.user,
        tty: terminal,
      },
      stdout: 'log',
      inputs: layout.inputs,
      outputs: layout.outputs.map(({ name, path }) => ({ name, path })),
      caches,
      mkdir: [layout.workingDirectory],
      chown: true,
      ...limit,
    },
    onStarting: () =>
      ports.emit({ type: 'start-task', data: { time: ports.time(), origin: { id: ports.planId }, config: started } }, 'start-task'),
  }
}

function eventConfig(config: TaskConfig, image: string, layout: TaskLayout): TaskEventConfig {
  return {
    platform: config.platform ?? '',
    image,
    run: { path: config.run?.path ?? '', args: config.run?.args ?? [], dir: config.run?.dir ?? '' },
    inputs: layout.inputs.map(({ name, path }) => ({ name, path: posix.relative(layout.workingDirectory, path) })),
  }
}
