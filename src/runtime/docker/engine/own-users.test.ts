import { expect, it } from 'vitest'
import { readInfo } from './shapes.ts'

const podman = { BuildahVersion: '1.28.2', ServerVersion: '4.3.1', KernelVersion: '6.1.0-42-amd64', SecurityOptions: ['name=seccomp,profile=default'] }
const ownUsers = (more: object) => {
  const info = readInfo(JSON.stringify({ ...podman, ...more }))
  return info.ok ? info.value.ownUsers : info.error.message
}

it('has containers with users of their own on Podman that runs as root, on kernels that shift the owners of an overlay', () => {
  expect([{}, { ServerVersion: '5.0.0', KernelVersion: '5.19.0' }].map(ownUsers)).toEqual([true, true])
})

it('has none on Docker, without root, and where versions are old or unknown', () => {
  const others = [{ BuildahVersion: undefined }, { SecurityOptions: ['name=rootless'] }, { KernelVersion: '5.15.0' }, { KernelVersion: undefined }, { ServerVersion: '4.2.9' }, { ServerVersion: 'x' }]
  expect(others.map(ownUsers)).toEqual([false, false, false, false, false, false])
})
