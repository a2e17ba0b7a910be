import type { PinnedBy } from '../../builds/choose-inputs.ts'
import type { CreateRunError } from '../../builds/create-run.ts'
import type { RunNotice } from '../../builds/run-notice.ts'
import { CommandError, exitStatus } from '../exit.ts'
import { secrets } from '../terminal.ts'
import { targetsOf } from './source-target.ts'

/** `folders`: of local inputs, by name. */
export function noticeWords(notice: RunNotice, folders: ReadonlyMap<string, string>): string {
  switch (notice.kind) {
    case 'put-left-out':
      return `put ${notice.put} is left out (--no-put)`
    case 'local-input':
      return `input ${notice.input}: the folder ${folders.get(notice.input) ?? ''}`
    case 'pinned-input':
      return `input ${notice.input}: pinned by ${pinWords(notice.by)}`
    case 'passed-ignored':
      return `input ${notice.input}: passed ${notice.passed.join(', ')} is taken as satisfied (there is no history here): the newest version is used`
    case 'input-version':
      return `input ${notice.input}: ${Object.entries(notice.version).map(([key, value]) => `${key}: ${value}`).join(', ')}`
    case 'put': {
      const { put, resource } = notice
      const target = resource === undefined ? '' : ` to ${[resource.type, ...targetsOf(resource.source, (text) => secrets.redact(text))].join(' ')}`
      return `put ${put} will push${target} (--no-put leaves it out)`
    }
    case 'waiting':
      return notice.line
  }
}

function pinWords(by: PinnedBy): string {
  switch (by.kind) {
    case 'request':
      return '--input-version'
    case 'get-step':
      return 'the get step'
    case 'resource':
      return `resource ${by.resource}`
  }
}

/** Why a run was not created, with fly's exit status. `folders`: of local inputs, by name. */
export function runError(error: CreateRunError, folders: ReadonlyMap<string, string>): CommandError {
  switch (error.kind) {
    case 'unknown-input': {
      const inputs = error.inputs.length === 0 ? 'it has none' : `its inputs are: ${error.inputs.join(', ')}`
      return new CommandError(`job "${error.job}" has no input "${error.input}"; ${inputs}`)
    }
    case 'unknown-resource':
      return new CommandError(`step "${error.step}": there is no resource "${error.resource}"`, exitStatus.errored)
    case 'unknown-prototype':
      return new CommandError(`step "${error.step}": there is no prototype "${error.prototype}"`, exitStatus.errored)
    case 'refused':
      return new CommandError(error.reason, exitStatus.errored)
    case 'input-not-stored':
      return new CommandError(`--input ${error.input}=${folders.get(error.input) ?? ''}: ${error.reason}`)
    case 'checks-not-succeeded': {
      const { status } = error
      return new CommandError('the inputs of the job could not be checked', status === 'failed' || status === 'aborted' ? exitStatus[status] : exitStatus.errored)
    }
    case 'no-version':
      return new CommandError(`latest version of resource not found: the check of ${error.resource} gave no version`, exitStatus.errored)
    case 'no-input-version':
      return new CommandError(`no version was found for input "${error.step}"`, exitStatus.errored)
  }
}
