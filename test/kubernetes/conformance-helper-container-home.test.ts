import { describeRuntime, wherePairsMatter } from '../../src/runtime/conformance/describe-runtime.ts'
import { kubernetesHarness } from './harness.ts'

describeRuntime('kubernetes, helper-container, home', () => kubernetesHarness({ options: { delivery: 'helper-container', transport: 'home' } }), { only: wherePairsMatter })
