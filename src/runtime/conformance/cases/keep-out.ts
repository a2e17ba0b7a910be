import { expect } from 'vitest'
import type { Cases } from '../cases.ts'

const work = '/tmp/build/work'

/** Tries to read each file; a file that can be read would be a way to the session key. */
const readAll = `
id -u
for f in mem environ maps auxv syscall stack pagemap; do if head -c 1 /proc/1/$f >/dev/null 2>&1; then echo "could read /proc/1/$f"; fi; done
for l in exe cwd root fd/0 fd/3 fd/4 fd/5; do if readlink /proc/1/$l >/dev/null 2>&1; then echo "could follow /proc/1/$l"; fi; done
if (: > /proc/1/mem) 2>/dev/null; then echo "could open /proc/1/mem for writing"; fi
awk '/^CapBnd/ { caps = $2 } END { print (length(caps) == 16) ? "tracing " int(substr(caps, 12, 1) ~ /[89a-f]/) : "no capabilities" }' /proc/self/status
`

/** Another supervisor, started by the step: it finds the step's environment of its container as any process does. */
const impostor = (handle: string): string => `
for binary in /tmp/.airside/bin/airside-supervisor /airside-supervisor/airside-supervisor; do test -x $binary && break; done
mkdir -p /tmp/forged/spool
printf '{"id":"%s","state":"running","startedAt":1}\\n' "$ASSIGNMENT" > /tmp/forged/journal
env -i AIRSIDE_CONTAINER=${handle} AIRSIDE_HOME=unix:///tmp/.airside/home/socket AIRSIDE_STATE=/tmp/forged $binary &
sleep 2
kill -9 $!
for s in QUIT ABRT SEGV BUS ILL HUP KILL STOP; do kill -$s 1; done
echo still here
exit 7
`

/** A root process of a step against its own supervisor. */
export const keepOutCases: Cases = {
  'lets a root step read nothing of its supervisor’s memory, files and sockets': async ({ run }) => {
    const { result, stdout, stderr } = await run(readAll)
    expect({ stdout, stderr }).toEqual({ stdout: '0\ntracing 0\n', stderr: '' })
    expect(result.outcome).toEqual({ kind: 'exited', status: 0 })
  },

  'accepts no other program as the supervisor, which ignores signals': async ({ spec, prepare, start, assignment }) => {
    const wanted = spec()
    const work = assignment(impostor(wanted.handle))
    const run = start(await prepare(wanted), { ...work, process: { ...work.process, env: [...work.process.env, `ASSIGNMENT=${work.id}`] } })
    expect((await run.result()).outcome).toEqual({ kind: 'exited', status: 7 })
    expect(run.collected.stdout).toContain('still here\n')
  },

  'does not report success when a step has changed the spool and journal': async ({ run }) => {
    // Every byte of them; the supervisor reads its spool again to send it.
    const { result } = await run(`
      for f in $(find /tmp/.airside/state /airside/state -type f 2>/dev/null); do
        case $f in */spool/*) head -c 4096 /dev/zero | dd of=$f conv=notrunc 2>/dev/null;; *) echo '{"id":"x","state":"finished"}' > $f;; esac
      done
      exit 7`)
    expect(result.outcome).not.toEqual({ kind: 'exited', status: 0 })
  },

  'does not change the owner of files for root': async ({ run, store }) => {
    const artifact = await store({ pgdata: { type: 'directory', mode: 0o700, uid: 1000, gid: 1000 } })
    const { stdout } = await run('stat -c "%u:%g %a" cache/pgdata in/pgdata', {
      inputs: [{ name: 'in', path: `${work}/in`, artifact }],
      caches: [{ name: 'cache', path: `${work}/cache`, artifact }],
    })
    expect(stdout).toBe('1000:1000 700\n1000:1000 700\n')
  },
}
