import { cutInMiddle } from './middle.ts'

/** Letters of Chinese, Japanese and Korean, and pictures, which are twice as wide as others. */
const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u

const columnsOf = (text: string): number => [...text].reduce((sum, letter) => sum + (wide.test(letter) ? 2 : 1), 0)

/** A name that has so many columns at most, cut in its middle. */
export function fittedName(name: string, columns: number): string {
  let most = columns
  let shown = cutInMiddle(name, most)
  while (columnsOf(shown) > columns && most > 3) shown = cutInMiddle(name, (most -= 1))
  return shown
}
