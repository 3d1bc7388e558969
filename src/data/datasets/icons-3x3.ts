import { iconDataset } from './_icons.ts'

export default iconDataset({
  type: 'icons3x3',
  title: 'Icons 3 × 3',
  doc: 'Pictures of 3 × 3 pixels of the letter T, upright and turned: four pictures and their noise, so an autoencoder can name each with two numbers.',
  size: 3,
  shapes: ['down', 'left', 'up', 'right'],
  count: 128,
})
