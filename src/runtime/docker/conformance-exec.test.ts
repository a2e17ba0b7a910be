import { describeRuntime, whereWaysMatter } from '../conformance/describe-runtime.ts'
import { dockerHarness } from './testing/docker-harness.ts'

// As with an engine on another machine: nothing is mounted, frames run over exec.
describeRuntime('docker without mounts', () => dockerHarness('exec'), { only: whereWaysMatter })
