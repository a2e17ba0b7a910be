import { describeRuntime, wherePairsMatter } from '../../src/runtime/conformance/describe-runtime.ts'
import { kubernetesHarness } from './harness.ts'

describeRuntime('kubernetes, image-volume, tunnel', () => kubernetesHarness({ options: { delivery: 'image-volume', transport: 'tunnel' } }), { only: wherePairsMatter })
