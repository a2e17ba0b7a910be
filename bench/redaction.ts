import { performance } from 'node:perf_hooks'
import { Redactor } from '../src/lib/redactor.ts'
import { table, type Finding } from './report.ts'

const secrets = 1000
const megabytes = 16
const runs = 10

/** Redaction alone: how long 1 000 secrets take to be learnt, and how much text is then searched in a second. Needs no container engine. */
function redaction(): Finding[] {
  const short = Array.from({ length: secrets }, (_, index) => `secret/${index}/${'k'.repeat(20)}`)
  const long = Array.from({ length: secrets }, (_, index) => `${index}:${noise(index, 4096)}`)
  const plain = text((line) => `line ${line}: what a build has to say, and some more of it, as compilers do`)
  const prefixes = text((line) => `secret/${line % secrets}/kkkkkkkkkkkkkk is almost one of them: secret/`)
  const hits = text((line) => `a line with ${short[line % secrets] ?? ''} in it`)
  return [
    finding(`${secrets} secrets of 30 characters`, short, { plain, prefixes, hits }),
    finding(`${secrets} secrets of 4 kB`, long, { plain }),
    finding('one secret of 128 kB', [noise(1, 128 * 1024)], { plain, prefix: noise(1, 128 * 1024 - 1).repeat(megabytes * 8) }),
  ]
}

function finding(title: string, known: readonly string[], texts: Readonly<Record<string, string>>): Finding {
  const learnt: number[] = []
  const series: Record<string, number[]> = {}
  for (let run = -1; run < runs; run += 1) {
    const redactor = new Redactor()
    const began = performance.now()
    redactor.add(known)
    redactor.redact('')
    if (run >= 0) learnt.push(performance.now() - began)
    for (const [name, searched] of Object.entries(texts)) {
      const started = performance.now()
      redactor.redact(searched)
      const seconds = (performance.now() - started) / 1000
      if (run >= 0) (series[`${name} MB_per_s`] ??= []).push(searched.length / 1e6 / seconds)
    }
  }
  return { bench: 'redaction', title, series: { 'learning, ms': learnt, ...series } }
}

function text(line: (index: number) => string): string {
  const lines: string[] = []
  for (let length = 0, index = 0; length < megabytes * 1024 * 1024; index += 1) {
    const next = line(index)
    lines.push(next)
    length += next.length + 1
  }
  return lines.join('\n')
}

/** Characters as base64 has them, the same for each seed. */
function noise(seed: number, length: number): string {
  let state = seed
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.charAt((state >>> 16) % 64)
  }).join('')
}

process.stdout.write(`${redaction().map(table).join('\n')}\n`)
