import { parentPort } from 'node:worker_threads'
import { compareSync } from 'bcryptjs'
import type { BcryptAnswer, BcryptQuestion } from './bcrypt.ts'

parentPort?.on('message', ({ id, password, hash }: BcryptQuestion) => {
  let answer: BcryptAnswer
  try {
    answer = { id, matches: compareSync(password, hash) }
  } catch {
    answer = { id, matches: false }
  }
  parentPort?.postMessage(answer)
})
