import type { Leaf, Trace, Tree } from './tree.ts'

/** What a step of Concourse returns: whether it succeeded, and its error. A get, put or task that a timeout ends has failed, without an error. */
type Returned = readonly [ok: boolean, error?: 'error' | 'canceled' | undefined]

/** A Go context: over when it or one around it is. */
interface Context {
  readonly parent?: Context
  /** It is not over when this is. */
  readonly shields?: Context
  readonly timeout?: true
  over?: 'canceled' | 'deadline'
}

const background = (shields: Context): Context => ({ shields })
const overOf = (context: Context): 'canceled' | 'deadline' | undefined => context.over ?? (context.parent && overOf(context.parent))

const ended = (over: 'canceled' | 'deadline'): Returned => (over === 'deadline' ? [false] : [false, over])

/** What ends by its own timeout alone outlasts all timeouts that cannot reach it. */
function allOver(context: Context): void {
  for (let around: Context | undefined = context; around; around = around.parent ?? around.shields) if (around.timeout) around.over ??= overOf(around) ?? 'deadline'
}

/**
 * The combinators as Concourse 8.2 documents and builds them (atc/exec), children one after the other, written apart from ours.
 * Lines with a star differ on purpose: above all, ours must give the same outcome when a build is resumed after its abort.
 */
export function asConcourse(root: Tree): Trace {
  const ran: string[] = []
  const build: Context = {}

  const leaf = (kind: Leaf, path: string, context: Context): Returned => {
    const before = overOf(context)
    if (before) return ended(before)
    ran.push(path)
    switch (kind) {
      case 'succeeds':
        return [true]
      case 'fails':
        return [false]
      case 'errors':
        return [false, 'error']
      case 'aborts': {
        build.over ??= 'canceled'
        const over = overOf(context)
        return over ? ended(over) : [true]
      }
      case 'times out': {
        let around: Context | undefined = context
        while (around && !around.timeout) around = around.parent
        if (around) around.over = 'deadline'
        else allOver(context)
        return [false]
      }
    }
  }

  const parallel = (steps: readonly Tree[], path: string, { context, failFast }: { context: Context; failFast: boolean }): Returned => {
    const inner: Context = { parent: context }
    const ends: Returned[] = []
    for (const [index, step] of steps.entries()) {
      if (overOf(inner)) break
      const end = run(step, `${path}.${index}`, inner)
      ends.push(end)
      if (!end[0] && failFast && end[1] !== 'canceled') inner.over ??= 'canceled'
    }
    const over = overOf(context)
    // ★ An abort that comes when all have ended, or after a failure with fail_fast, takes nothing back.
    if (over && (ends.length < steps.length || ends.some(([, error]) => error === 'canceled')) && inner.over === undefined) return ended(over) // ★ Concourse returns an error here, which passes by on_failure.
    if (ends.some(([, error]) => error === 'error')) return [false, 'error']
    return [ends.length === steps.length && ends.every(([ok]) => ok)]
  }

  const run = (tree: Tree, path: string, context: Context): Returned => {
    if ('leaf' in tree) return leaf(tree.leaf, path, context)
    const step = (): Returned => ('step' in tree ? run(tree.step, `${path}.s`, context) : [true])
    const hook = (own: Context): Returned => ('hook' in tree ? run(tree.hook, `${path}.h`, own) : [true])
    switch (tree.node) {
      case 'do': {
        for (const [index, one] of tree.steps.entries()) {
          // ★ A timeout that is over fails the rest here. Concourse begins it, each leaf ends at once, and a try in it makes that a success.
          if (overOf(context) === 'deadline') return [false]
          const [ok, error] = run(one, `${path}.${index}`, context)
          if (error || !ok) return [false, error]
        }
        return [true]
      }
      case 'in_parallel':
      case 'across':
        return parallel(tree.steps, path, { context, failFast: false })
      case 'in_parallel fail_fast':
      case 'across fail_fast':
        return parallel(tree.steps, path, { context, failFast: true })
      case 'attempts': {
        let end: Returned = [true]
        for (const [index, one] of tree.steps.entries()) {
          // ★ Asked before an attempt, not after it: the last one's end stands.
          const over = index > 0 && overOf(context)
          if (over) return ended(over)
          end = run(one, `${path}.${index}`, context)
          if (end[0] || end[1] === 'canceled') return end
        }
        return end
      }
      case 'try': {
        const [, error] = step()
        return error === 'canceled' ? [false, error] : [true]
      }
      case 'timeout': {
        return run(tree.step, `${path}.s`, { parent: context, timeout: true })
      }
      case 'on_success': {
        const [ok, error] = step()
        if (error || !ok) return [false, error]
        // ★ As in do.
        return overOf(context) === 'deadline' ? [false] : hook(context)
      }
      case 'on_failure': {
        const [ok, error] = step()
        if (error || ok) return [ok, error]
        // ★ Concourse gives the hook a context that is over after a timeout around both, so that it ends at once.
        const [, broken] = hook(overOf(context) ? background(context) : context)
        return [false, broken]
      }
      case 'on_error': {
        const end = step()
        // ★ Concourse's hook cannot be aborted.
        if (end[1] === 'error') hook(overOf(context) ? background(context) : context)
        return end
      }
      case 'on_abort': {
        const end = step()
        if (end[1] === 'canceled') hook(background(context))
        return end
      }
      case 'ensure': {
        const [ok, error] = step()
        const [hookOk, hookError] = hook(overOf(context) ? background(context) : context)
        // ★ Here too an abort that comes when both have ended takes nothing back.
        if (error === 'canceled' || hookError === 'canceled') return [false, 'canceled']
        return [ok && hookOk, error ?? hookError]
      }
    }
  }

  const [ok, error] = run(root, 'r', build)
  return { ran, outcome: error === 'canceled' ? 'aborted' : error ? 'errored' : ok ? 'succeeded' : 'failed' }
}
