/** What a JPEG's frame says, and what the parts of the decoder share. */

/** One of the planes: brightness, one of the colours. Sizes are those of the plane, not of the picture. */
export interface Component {
  readonly id: number
  /** How finely it is sampled, in comparison with the others. */
  readonly h: number
  readonly v: number
  readonly table: number
  /** Samples that belong to the picture. */
  readonly width: number
  readonly height: number
  /** 8 × 8 blocks that hold these, and with those that fill the last group up. */
  readonly blocks: { readonly wide: number; readonly high: number }
  readonly padded: { readonly wide: number; readonly high: number }
}

/** A component while its samples come in. */
export interface Plane extends Component {
  /** Of a progressive picture: 64 for each of the padded blocks, row-major within the block. */
  readonly coefficients: Int16Array | undefined
  /** 8 × padded.wide in a row. */
  readonly samples: Uint8Array
  /** As it was when the first scan with this component began; row-major. */
  quantization: Int32Array | undefined
}

export interface Frame {
  readonly progressive: boolean
  readonly width: number
  readonly height: number
  readonly components: readonly Component[]
  /** Finest sampling of all components. */
  readonly h: number
  readonly v: number
}

/** How the components make a colour. */
export type ColourSpace = 'grey' | 'YCbCr' | 'RGB' | 'CMYK' | 'YCCK'

/** Place in a block, row-major, of the coefficient that comes k-th in the file. */
export const zigzag: readonly number[] = (() => {
  const order: number[] = []
  for (let sum = 0; sum < 15; sum++) {
    for (let i = 0; i <= sum; i++) {
      const [y, x] = sum % 2 === 0 ? [sum - i, i] : [i, sum - i]
      if (x < 8 && y < 8) order.push(8 * y + x)
    }
  }
  return order
})()
