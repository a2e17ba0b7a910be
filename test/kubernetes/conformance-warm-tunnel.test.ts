import { describeWarmRuntime } from './warm-conformance.ts'

describeWarmRuntime({ delivery: 'helper-container', transport: 'tunnel' })
