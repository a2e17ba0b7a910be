import { expect, test } from 'vitest'
import { backgroundOf, defaultFilter, foreignImage, parseFilter } from './background.ts'

const page = new URL('https://ci.example/teams/main/pipelines/shop')
const src = (image: unknown, hosts: readonly string[], at = page) => backgroundOf({ background_image: image }, at, hosts)?.src

test('an image is shown from a host that the server names, and no other', () => {
  expect(src('https://img.example/a.png', ['img.example'])).toBe('https://img.example/a.png')
  expect(src('https://IMG.example:443/a.png', ['img.example'])).toBe('https://img.example/a.png')
  expect(src('https://img.example:8443/a.png', ['img.example'])).toBeUndefined()
  expect(src('https://img.example:8443/a.png', ['img.example:8443'])).toBe('https://img.example:8443/a.png')
  expect(src('https://a.img.example/a.png', ['*.img.example'])).toBe('https://a.img.example/a.png')
  for (const [image, host] of [['https://img.example/a.png', '*.img.example'], ['https://evilimg.example/a.png', '*.img.example'], ['https://img.example.evil/a.png', 'img.example'], ['https://img.example/a.png', 'other.example']]) {
    expect([image, src(image, [host ?? ''])]).toEqual([image, undefined])
  }
})

test('neither paths of this server, nor other schemes, nor passwords in a URL, nor http on a page of https', () => {
  for (const image of ['/logout', 'a.png', 'https://ci.example/logout', '//ci.example/logout', 'javascript:alert(1)', 'data:image/png;base64,AA', 'https://a:b@img.example/a.png', 'http://img.example/a.png', 'https://', 7, null, undefined]) {
    expect([image, foreignImage({ background_image: image }, page)]).toEqual([image, undefined])
  }
  expect(src('http://img.example/a.png', ['img.example'], new URL('http://ci.example/'))).toBe('http://img.example/a.png')
  for (const display of [undefined, null, 'x', [], Object.create({ background_image: 'https://img.example/a.png' })]) expect(foreignImage(display, page)).toBeUndefined()
})

test('a filter is a list of functions that load nothing; another is as if there were none', () => {
  for (const text of ['opacity(30%) grayscale(100%)', 'blur(5px)', 'brightness(0.4)', 'hue-rotate(-90deg)', Array.from({ length: 10 }, () => 'sepia(1)').join(' ')]) expect(parseFilter(text)).toBe(text)
  expect(parseFilter('  Opacity( 30% )grayscale(1)\n')).toBe('opacity( 30% ) grayscale(1)')
  for (const text of ['', 'none', 'url(#a)', 'opacity(30%) url(https://evil.example/x.svg#f)', 'drop-shadow(1px 1px red)', 'blur(100px)', 'blur(5em)', 'opacity(30%);color:red', 'opacity(var(--x))', 'opacity(1e9)', Array.from({ length: 11 }, () => 'sepia(1)').join(' ')]) expect([text, parseFilter(text)]).toEqual([text, undefined])
  expect(backgroundOf({ background_image: 'https://img.example/a.png', background_filter: 'url(#a)' }, page, ['img.example'])).toMatchObject({ filter: defaultFilter })
  expect(backgroundOf({ background_image: 'https://img.example/a.png', background_filter: 'opacity(80%)' }, page, ['img.example'])).toMatchObject({ filter: 'opacity(80%)' })
})
