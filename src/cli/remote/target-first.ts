/** `airside -t ci builds`, as fly has it, as `airside builds -t ci`. */
export function targetBehindCommand(argv: readonly string[]): string[] {
  const [node = '', script = '', flag = '', ...rest] = argv
  const joined = /^(?:--target=|-t=?)(?=.)/.test(flag)
  if (!joined && flag !== '-t' && flag !== '--target') return [...argv]
  const words = joined ? [flag] : [flag, ...rest.splice(0, 1)]
  const [command, ...others] = rest
  return command === undefined ? [...argv] : [node, script, command, ...words, ...others]
}
