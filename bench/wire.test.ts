import { describe, expect, it } from 'vitest'
import { parseAccess, type RegistryAccess } from '../test/services/registry-access.ts'
import { wireOf } from './wire.ts'

const digest = `sha256:${'a'.repeat(64)}`
const asked = (request: string, status: number, bytes: number, agent: string): RegistryAccess =>
  parseAccess(`127.0.0.1:1 - - [25/Nov/2026:04:26:27 +0000] "${request} HTTP/1.1" ${status} ${bytes} "" "${agent}"`) ?? expect.fail(request)

describe('wireOf', () => {
  it('adds up who was answered how much', () => {
    const log = [
      asked('HEAD /v2/app/manifests/1', 200, 480, 'airside/0.1.0'),
      asked(`GET /v2/app/manifests/${digest}`, 200, 480, 'airside/0.1.0'),
      asked(`GET /v2/app/blobs/${digest}`, 200, 100, 'containerd/v2.3.7'),
      asked(`GET /v2/app/blobs/${digest}`, 200, 200, 'containers/5.23 (github.com/containers/image)'),
      asked(`GET /v2/app/blobs/${digest}`, 200, 50, 'resource'),
    ]
    expect(wireOf(log, 'resource')).toEqual({ server: 480, node: 300, containers: 50, uploads: [] })
  })

  it('names what was uploaded, once it was taken', () => {
    const log = [
      asked('POST /v2/ci/app/blobs/uploads/', 202, 0, 'airside/0.1.0'),
      asked(`PUT /v2/ci/app/blobs/uploads/1?_state=x&digest=${encodeURIComponent(digest)}`, 500, 0, 'airside/0.1.0'),
      asked(`PUT /v2/ci/app/blobs/uploads/2?_state=x&digest=${encodeURIComponent(digest)}`, 201, 0, 'airside/0.1.0'),
      asked('PUT /v2/ci/app/manifests/1', 201, 0, 'airside/0.1.0'),
    ]
    expect(wireOf(log, 'resource').uploads).toEqual([{ repository: 'ci/app', digest }])
  })
})
