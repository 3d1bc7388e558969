import { iconDataset } from './_icons.ts'

export default iconDataset({
  type: 'icons8x8',
  title: 'Icons 8 × 8',
  doc: 'The letter T, upright or turned, at one of 36 places of 8 × 8 pixels: the smallest task in which two convolutions help each other.',
  size: 8,
  shapes: ['down', 'left', 'up', 'right'],
  count: 576,
})
