/** Runs where sound is made, and hands on what comes in, its channels mixed to their mean. */
declare class AudioWorkletProcessor {
  readonly port: MessagePort
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void

/** Samples of a message: some 20 ms. */
const BLOCK = 1024

class Listener extends AudioWorkletProcessor {
  #block = new Float32Array(BLOCK)
  #count = 0

  process([channels = []]: readonly (readonly Float32Array[])[]): boolean {
    const length = channels[0]?.length ?? 0
    for (let i = 0; i < length; i++) {
      let sum = 0
      for (const channel of channels) sum += channel[i] ?? 0
      this.#block[this.#count++] = sum / channels.length
      if (this.#count < BLOCK) continue
      this.port.postMessage(this.#block, [this.#block.buffer])
      this.#block = new Float32Array(BLOCK)
      this.#count = 0
    }
    return true
  }
}

registerProcessor('listener', Listener)
