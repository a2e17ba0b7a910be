import type { Expectation, Rendezvous, SupervisorSession } from '../../contract.ts'

/** Supervisors that report in when a test says so. */
export interface FakeRendezvous extends Rendezvous {
  /** By handle: those that are expected now. */
  readonly expected: ReadonlyMap<string, { readonly uid: () => string | undefined; report(): void; readonly assigned: boolean }>
}

export function fakeRendezvous(homeAddress: string | undefined = 'tcp://10.0.0.1:7777'): FakeRendezvous {
  const expected = new Map<string, { uid: () => string | undefined; report: () => void; assigned: boolean }>()
  return {
    serverKey: 'PIN',
    homeAddress,
    expected,
    expect(handle, { assigned }): Expectation {
      if (expected.has(handle)) throw new Error(`container ${handle} is expected already`)
      let uid: string | undefined
      const { promise, resolve } = Promise.withResolvers<SupervisorSession>()
      expected.set(handle, { uid: () => uid, report: () => resolve(session), assigned })
      return {
        identify: (identity) => (uid = identity.uid),
        listenUnix: () => Promise.resolve(),
        dialled: () => {},
        onWant: () => {},
        reported: promise,
        cancel: () => {
          expected.delete(handle)
          return Promise.resolve()
        },
        leave: () => {
          expected.delete(handle)
          return Promise.resolve()
        },
      }
    },
  }
}

const session: SupervisorSession = {
  assign: () => Promise.reject(new Error('nothing runs here')),
  intercept: () => {
    throw new Error('nobody can enter here')
  },
  keep: () => Promise.resolve(),
  prefetch: () => {},
  end: () => Promise.resolve(),
  connected: true,
  architecture: undefined,
  silentFor: () => 0,
}
