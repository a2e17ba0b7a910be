/** What somebody who starts a server for the first time needs to know. */
export interface FirstThings {
  readonly url: string
  /** In words: Podman, Docker. */
  readonly runtime: string
  /** Absent: logins are as the settings say. */
  readonly login?: { readonly username: string; readonly password: string; readonly file: string }
  /** `airside` as its user can type it. */
  readonly airside: string
  /** The pipeline demo is there. */
  readonly demo: boolean
}

/** The words that `npm start` ends with. */
export function firstThings({ url, runtime, login, airside, demo }: FirstThings): string {
  const as = login === undefined ? '' : ` -u ${login.username} -p ${login.password}`
  const then = (demoArgs: string, otherArgs: string) => (demo ? demoArgs : otherArgs)
  return `
Airside runs at  ${url}
steps run on     ${runtime}
log in           ${login === undefined ? 'as your settings say' : `as ${login.username} with ${login.password}  (from ${login.file})`}

Three things to try, in another terminal:
  with airside   ${airside} login -t demo -c ${url}${as}
                 ${airside} ${then('trigger-job -t demo -j demo/correspond --watch', 'set-pipeline -t demo -p mine -c pipeline.yml')}
  with fly       fly -t demo login -c ${url}${as}
                 fly -t demo ${then('watch -j demo/correspond', 'pipelines')}
  in a browser   ${url}

Ctrl-C ends it; builds that run go on with the next npm start.`
}
