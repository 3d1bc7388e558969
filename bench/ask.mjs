// A program of its own that answers questions: a line of JSON in, a line of JSON out.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** Nothing that is measured takes longer to set up. */
const LIMIT_S = 150

/**
 * @typedef {{ ok: boolean, error?: string } & Record<string, any>} Answer
 * @typedef {{ ask(question: object): Promise<Answer>, ended(): boolean, stop(): void }} Program
 */

/**
 * Starts it. Whatever goes wrong (it can't start, it ends, it is silent for too long) is an answer with `ok: false` and the
 * reason; a program that was silent is stopped.
 * @param {readonly string[]} command
 * @returns {Program}
 */
export function start([program = '', ...args]) {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  let [gone, said] = ['', '']
  /** @type {((answer: Answer) => void) | undefined} */
  let waiting
  /** @param {Answer} answer */
  const answer = (answer) => {
    const last = waiting
    waiting = undefined
    last?.(answer)
  }
  /** @param {string} reason */
  const end = (reason) => {
    gone ||= reason
    answer({ ok: false, error: gone })
  }
  createInterface({ input: child.stdout }).on('line', (line) => {
    // Libraries greet.
    if (line.startsWith('{')) answer(JSON.parse(line))
  })
  child.stderr.on('data', (data) => (said = (said + String(data)).slice(-500)))
  child.on('close', () => end(`it ended: ${said.trim().split('\n').at(-1) || 'without a word'}`))
  child.on('error', ({ message }) => end(message))
  child.stdin.on('error', ({ message }) => end(message))
  return {
    ask: (question) =>
      new Promise((resolve) => {
        if (gone) return resolve({ ok: false, error: gone })
        const timer = setTimeout(() => {
          end(`no answer within ${LIMIT_S} s`)
          child.kill('SIGKILL')
        }, LIMIT_S * 1000)
        waiting = (answer) => {
          clearTimeout(timer)
          resolve(answer)
        }
        child.stdin.write(`${JSON.stringify({ id: 0, ...question })}\n`)
      }),
    ended: () => gone !== '',
    stop: () => child.stdin.end('{"quit":1}\n'),
  }
}
