/** Control characters, and those that order or hide what stands around them; not the joiners inside of words and emoji. */
const unprintable = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu
/** Colours of our own, none of which hides text. */
const ours = /(\u001b\[(?:0|1|2|31|32|33|36|1;36)m)/

/** Text from outside made safe to print on one terminal line. */
export const printable = (text: string): string => text.replace(unprintable, '\ufffd')

/** Text of our own that quotes text from outside, made safe to print: lines, tabs and our colours stay. */
export function visible(text: string): string {
  return text
    .split(ours)
    .map((part, index) => (index % 2 === 1 ? part : part.replace(/[^\n\t]+/g, printable)))
    .join('')
}
