/**
 * `airside -t ci builds`, as fly has it, as `airside builds -t ci`. `intercept` of a server's container has fly's other name for it:
 * without a server it enters containers of this machine.
 */
export function targetBehindCommand(argv: readonly string[]): string[] {
  const [node = '', script = '', flag = '', ...rest] = argv
  const joined = /^(?:--target=|-t=?)(?=.)/.test(flag)
  if (!joined && flag !== '-t' && flag !== '--target') return flag === 'intercept' && rest.slice(0, dashes(rest)).some(isTarget) ? [node, script, 'hijack', ...rest] : [...argv]
  const words = joined ? [flag] : [flag, ...rest.splice(0, 1)]
  const [command, ...others] = rest
  if (command === undefined) return [...argv]
  // `auth explain` is one command of two words.
  const names = command === 'auth' ? [command, ...others.splice(0, 1)] : [command === 'intercept' ? 'hijack' : command]
  return [node, script, ...names, ...words, ...others]
}

const isTarget = (word: string): boolean => /^(?:-t|--target(?:=|$))/.test(word)

/** Where the words of a command to run begin. */
const dashes = (words: readonly string[]): number => (words.includes('--') ? words.indexOf('--') : words.length)
