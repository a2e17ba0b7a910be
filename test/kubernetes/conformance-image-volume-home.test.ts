import { describeRuntime } from '../../src/runtime/conformance/describe-runtime.ts'
import { kubernetesHarness } from './harness.ts'

describeRuntime('kubernetes, image-volume, home', () => kubernetesHarness({ options: { delivery: 'image-volume', transport: 'home' } }))
