import { describeRuntime, whereWaysMatter } from '../../src/runtime/conformance/describe-runtime.ts'
import { kubernetesHarness } from './harness.ts'

describeRuntime('kubernetes, helper-container, tunnel', () => kubernetesHarness({ options: { delivery: 'helper-container', transport: 'tunnel' } }), { only: whereWaysMatter })
