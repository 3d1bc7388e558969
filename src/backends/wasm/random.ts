/** Threefry-2x32 with 20 rounds (Salmon et al. 2011) in each lane: sums, rotations and xors of ints, no products. */
import { at } from '../../base/assert.ts'
import type { FunctionBuilder, Local } from './emitter.ts'

const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24]
/** Makes the third word of the key from the other two. */
const PARITY = 0x1bd11bda

/** Pushes the upper 24 bits of the first word, as numbers in [0, 1). */
export function emitRandom(
  f: FunctionBuilder,
  from: { readonly position: Local; readonly step: Local; readonly seed: Local; readonly stream: number },
): void {
  const [x, y, third] = [f.local('v128'), f.local('v128'), f.local('v128')]
  const pushKey = (word: number) => {
    if (word === 0) f.lanes(from.stream | 0)
    else f.get(word === 1 ? from.seed : third)
  }
  f.get(from.seed)
    .lanes((PARITY ^ from.stream) | 0)
    .op('v128.xor')
    .set(third)
  f.get(from.position)
  pushKey(0)
  f.op('i32x4.add').set(x)
  f.get(from.step)
  pushKey(1)
  f.op('i32x4.add').set(y)
  for (let round = 0; round < 20; round++) {
    const by = at(ROTATIONS, round % 8)
    f.get(x).get(y).op('i32x4.add').set(x)
    f.get(y).i32(by).op('i32x4.shl')
    f.get(y)
      .i32(32 - by)
      .op('i32x4.shr_u')
    f.op('v128.or').get(x).op('v128.xor').set(y)
    if (round % 4 !== 3) continue
    const turn = (round + 1) / 4
    f.get(x)
    pushKey(turn % 3)
    f.op('i32x4.add').set(x)
    f.get(y)
    pushKey((turn + 1) % 3)
    f.op('i32x4.add').lanes(turn).op('i32x4.add').set(y)
  }
  f.get(x)
    .i32(8)
    .op('i32x4.shr_u')
    .op('f32x4.convert_i32x4_s')
    .splat(2 ** -24)
    .op('f32x4.mul')
}
