import type { Place } from './place.ts'
import type { ProcessorMeter } from './processor.ts'

/** So many floors, one after the other: milliseconds of all, and the processor time of one. */
export async function floorsInARow(place: Place, meter: ProcessorMeter, count: number): Promise<{ readonly ms: number; readonly processor: number }> {
  const spent = await meter.begin()
  let ms = 0
  for (let turn = 0; turn < count; turn += 1) {
    const bare = await place.floor()
    await bare.gone
    ms += bare.ms
  }
  return { ms, processor: (await spent()) / count }
}
