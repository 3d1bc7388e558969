import { iconDataset } from './_icons.ts'

export default iconDataset({
  type: 'icons4x4',
  title: 'Icons 4 × 4',
  doc: 'A rising or a falling stroke at one of four places of 4 × 4 pixels. One filter of a convolution tells them apart wherever they are.',
  size: 4,
  shapes: ['rising', 'falling'],
  count: 200,
})
