/** The microphone of the browser, as it is: nothing takes out echoes or noise, or turns it up. */
import listener from './listener.worklet.ts?worker&url'
import type { Microphone } from './recorder.svelte.ts'

export async function openMicrophone(): Promise<Microphone> {
  // Only a page that nobody can have changed on its way has it.
  if (!('mediaDevices' in navigator)) throw new DOMException('This page has no access.', 'SecurityError')
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  })
  const context = new AudioContext()
  const close = () => {
    for (const track of stream.getTracks()) track.stop()
    void context.close().catch(() => undefined)
  }
  try {
    await context.audioWorklet.addModule(listener)
    await context.resume()
  } catch (error) {
    close()
    throw error
  }
  return {
    rate: context.sampleRate,
    listen(block, lost) {
      const node = new AudioWorkletNode(context, 'listener', { numberOfOutputs: 0 })
      node.port.onmessage = ({ data }: MessageEvent<Float32Array>) => block(data)
      for (const track of stream.getTracks()) track.onended = lost
      context.createMediaStreamSource(stream).connect(node)
    },
    close,
  }
}
