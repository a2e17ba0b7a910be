import { describeRuntime } from '../conformance/describe-runtime.ts'
import { dockerHarness } from './testing/docker-harness.ts'

describeRuntime('docker', () => dockerHarness())
