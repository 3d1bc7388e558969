import { mount } from 'svelte'
import '@xyflow/svelte/dist/style.css'
import Plain from './Plain.svelte'

const target = document.getElementById('page')
if (!target) throw new Error('internal: the page has no place for the canvas')

const asked = new URLSearchParams(location.search)
const number = (name: string, otherwise: number) => Number(asked.get(name) ?? otherwise)

mount(Plain, {
  target,
  props: {
    blocks: number('blocks', 1000),
    width: number('width', 1000),
    height: number('height', 600),
    slow: asked.has('slow'),
    visibleOnly: asked.has('visibleOnly'),
  },
})
