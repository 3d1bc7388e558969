/** `devices`: what this machine can train on. */
import { expect, test } from 'vitest'
import { commandLine, linesOf } from './helpers/command-line.ts'

const { cli } = commandLine()

test('lists what can be trained on', async () => {
  const { code, out, err } = await cli('devices', '--json')
  expect([code, err]).toEqual([0, ''])
  const facts = {
    simd: expect.stringMatching(/^(128|256) bit/) as string,
    threads: expect.stringMatching(/^\d+$/) as string,
  }
  expect(linesOf(out)).toEqual([
    { name: 'cpu', title: 'CPU, WebAssembly SIMD', available: true, facts },
    // Whether there is one is the machine's own affair.
    expect.objectContaining({ name: 'webgpu', available: expect.any(Boolean) as boolean }),
    { name: 'reference', title: 'Reference (f64, slow)', available: true, facts: { precision: 'f64', threads: '1' } },
  ])
  expect((await cli('devices')).out).toMatch(/^cpu +CPU, WebAssembly SIMD {2}simd (128|256) bit/)
})
