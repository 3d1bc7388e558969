import { mount } from 'svelte'
import '@xyflow/svelte/dist/base.css'
import './styles/tokens.css'
import './styles/contrast.css'
import './styles/base.css'
import './styles/controls.css'
import './styles/flow.css'
import App from './App.svelte'

const target = document.getElementById('app')
if (!target) throw new Error('internal: the page has no place for the window')

mount(App, { target })
