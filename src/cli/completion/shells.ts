import type { CompletedCommand } from './tree.ts'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/** The script by which a shell completes commands, flags, files and names of servers. */
export function completionScript(shell: Shell, commands: readonly CompletedCommand[]): string {
  switch (shell) {
    case 'bash':
      return bash(commands)
    case 'zsh':
      return zsh(commands)
    case 'fish':
      return fish(commands)
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
const targets = "airside targets 2>/dev/null | cut -d ' ' -f 1"
const flagWords = ({ flags }: CompletedCommand): string => flags.flatMap(({ long, short }) => [long, ...(short === undefined ? [] : [short])]).join(' ')

const bash = (commands: readonly CompletedCommand[]): string => `# Completion of airside for bash: source <(airside completion bash)
_airside() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD - 1]}" command='' words='' flags='' i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${COMP_WORDS[i]}" in
      --) return ;;
      -t | --target) ((i++)) ;;
      -*) ;;
      *) [[ -z $command ]] && command="\${COMP_WORDS[i]}" ;;
    esac
  done
  case "$before" in
    -t | --target) COMPREPLY=($(compgen -W "$(${targets})" -- "$word")); return ;;
  esac
  case "$command" in
    '' | help) words=${quoted(commands.map(({ names: [name] }) => name).join(' '))} ;;
${commands.map((command) => `    ${command.names.join(' | ')}) words=${quoted(command.words.join(' '))} flags=${quoted(flagWords(command))} ;;`).join('\n')}
  esac
  # Without a match the shell completes names of files.
  [[ $word == -* ]] && words=$flags
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -o bashdefault -F _airside airside
`

const described = (name: string, summary: string): string => quoted(`${name.replaceAll(':', '\\:')}:${summary}`)

const zsh = (commands: readonly CompletedCommand[]): string => `#compdef airside
# Completion of airside for zsh: source <(airside completion zsh)
_airside() {
  local -a choices
  local command='' i
  for ((i = 2; i < CURRENT; i++)); do
    case "$words[i]" in
      --) _files; return ;;
      -t|--target) ((i++)) ;;
      -*) ;;
      *) [[ -z $command ]] && command="$words[i]" ;;
    esac
  done
  case "$words[CURRENT - 1]" in
    -t|--target) choices=(\${(f)"$(${targets})"}); _describe 'server' choices; return ;;
  esac
  case "$command" in
    ''|help)
      choices=(
${commands.map(({ names: [name], summary }) => `        ${described(name, summary)}`).join('\n')}
      )
      _describe 'command' choices
      return ;;
${commands
  .map(
    ({ names, flags, words }) => `    ${names.join('|')})
      choices=(
${[...words.map((word) => described(word, '')), ...flags.flatMap(({ long, short, summary }) => [long, ...(short === undefined ? [] : [short])].map((name) => described(name, summary)))].map((line) => `        ${line}`).join('\n')}
      ) ;;`,
  )
  .join('\n')}
  esac
  if [[ "$words[CURRENT]" == -* ]]; then _describe 'flag' choices; else _files; fi
}
compdef _airside airside
`

function fish(commands: readonly CompletedCommand[]): string {
  const lines = ['# Completion of airside for fish: airside completion fish | source', 'complete -c airside -f']
  for (const { names, summary, flags, words } of commands) {
    lines.push(`complete -c airside -n __fish_use_subcommand -a ${names[0]} -d ${quoted(summary)}`)
    const here = `complete -c airside -n ${quoted(`__fish_seen_subcommand_from ${names.join(' ')}`)}`
    if (words.length > 0) lines.push(`${here} -a ${quoted(words.join(' '))}`)
    for (const { long, short, summary: what, takes } of flags) {
      const follows = { nothing: '', text: ' -x', file: ' -r -F', folder: " -x -a '(__fish_complete_directories)'", target: ` -x -a ${quoted(`(${targets})`)}` }[takes]
      lines.push(`${here} -l ${long.slice(2)}${short === undefined ? '' : ` -s ${short.slice(1)}`}${follows} -d ${quoted(what)}`)
    }
  }
  return `${lines.join('\n')}\n`
}
