/** Bytes of a picture, row by row, grey or with colours side by side, as a canvas takes them. */
export function pixelsToRgba(
  pixels: Uint8Array,
  width: number,
  height: number,
  channels: number,
): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(width * height * 4)
  for (let i = 0; i < width * height; i++) {
    for (let colour = 0; colour < 3; colour++)
      rgba[4 * i + colour] = pixels[i * channels + (channels >= 3 ? colour : 0)] ?? 0
    rgba[4 * i + 3] = 255
  }
  return rgba
}
