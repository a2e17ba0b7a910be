import { describeWarmRuntime } from './warm-conformance.ts'

describeWarmRuntime({ delivery: 'image-volume', transport: 'home' })
