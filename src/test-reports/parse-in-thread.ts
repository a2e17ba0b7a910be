import { Worker } from 'node:worker_threads'
import type { TestReports } from '../model/test-report.ts'
import type { ReportFile } from './parse-reports.ts'

export interface ReportWork {
  readonly files: readonly ReportFile[]
  readonly secrets: readonly string[]
}

/** Of the thread's heap: reports of 20 MB that are nothing but elements need some hundred. */
const mostMegabytes = 1_024

/** Parses in a thread that ends with it: on the main one a large report would hold up all requests for a second. Takes the files' bytes. */
export async function parseInThread(work: ReportWork): Promise<TestReports> {
  const transferList = work.files.map(({ bytes }) => bytes.buffer as ArrayBuffer)
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: work, transferList: [...new Set(transferList)], resourceLimits: { maxOldGenerationSizeMb: mostMegabytes } })
  // It holds no process open that has nothing else to do.
  worker.unref()
  try {
    return await new Promise<TestReports>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.once('exit', () => reject(new Error('the thread that parses test reports has ended')))
    })
  } finally {
    await worker.terminate()
  }
}
