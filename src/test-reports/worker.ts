import { parentPort, workerData } from 'node:worker_threads'
import { parseReports } from './parse-reports.ts'
import type { ReportWork } from './parse-in-thread.ts'

const { files, secrets } = workerData as ReportWork
parentPort?.postMessage(parseReports(files, secrets))
