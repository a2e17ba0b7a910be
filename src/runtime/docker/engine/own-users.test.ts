import { expect, it } from 'vitest'
import { readInfo } from './shapes.ts'

const podman = { BuildahVersion: '1.28.2', ServerVersion: '4.3.1', KernelVersion: '6.1.0-42-amd64', SecurityOptions: ['name=seccomp,profile=default'] }
const docker = { ...podman, BuildahVersion: undefined, ServerVersion: '27.3.1' }
const users = (facts: object) => {
  const info = readInfo(JSON.stringify(facts))
  return info.ok ? info.value.containerUsers : info.error.message
}

it('has containers with users of their own on Podman that runs as root, on kernels that shift the owners of an overlay', () => {
  expect([podman, { ...podman, ServerVersion: '5.0.0', KernelVersion: '5.19.0' }].map(users)).toEqual(['own', 'own'])
})

it('has those of the machine on Docker, and where versions are old or unknown', () => {
  const others = [docker, { ...podman, KernelVersion: '5.15.0' }, { ...podman, KernelVersion: undefined }, { ...podman, ServerVersion: '4.2.9' }, { ...podman, ServerVersion: 'x' }]
  expect(others.map(users)).toEqual(Array(5).fill('machine'))
})

it('has mapped ones with userns-remap, and without root', () => {
  const SecurityOptions = ['name=seccomp,profile=builtin', 'name=userns']
  expect([{ ...docker, SecurityOptions }, { ...docker, SecurityOptions: ['name=rootless'] }, { ...podman, SecurityOptions: ['name=rootless'] }].map(users)).toEqual(['mapped', 'mapped', 'mapped'])
})
