import { describe, expect, it } from 'vitest'
import { parseConstraint } from './semver-constraint.ts'
import { candidatesOf, orderVersions, type TagRules } from './tag-selection.ts'

const rules = (more: Partial<TagRules> & { semver?: string } = {}): TagRules => {
  const { semver, ...rest } = more
  const parsed = semver === undefined ? undefined : parseConstraint(semver)
  return { preReleases: false, preReleasePrefixes: [], ...rest, ...(parsed?.ok === true ? { constraint: parsed.value } : {}) }
}

/** `tag=digest` pairs in, the same out. */
const select = (tags: string, given: TagRules = rules()): string => {
  const digests = new Map(tags.split(' ').map((pair) => pair.split('=') as [string, string]))
  const candidates = candidatesOf([...digests.keys()], given)
  return orderVersions(candidates.map((candidate) => ({ ...candidate, digest: digests.get(candidate.tag) ?? '' })), given)
    .map(({ tag, digest }) => `${tag}=${digest}`)
    .join(' ')
}

describe('versions of a repository', () => {
  it.each<[string, TagRules, string, string]>([
    ['semver tags in their order, others not', rules(), '1.10.0=c 1.2.0=b nightly=x 1.0.0=a', '1.0.0=a 1.2.0=b 1.10.0=c'],
    ['one digest once, under the most specific tag', rules(), '1=a 1.2=a 1.2.3=a', '1.2.3=a'],
    ['an image that came back: it counts where it is listed first', rules(), '1.0.0=a 1.1.0=b 1.2.0=a', '1.0.0=a 1.1.0=b'],
    ['latest, when it is another image', rules(), '1.0.0=a latest=z', '1.0.0=a latest=z'],
    ['not latest, when it is a version', rules(), '1.0.0=a 2.0.0=b latest=a', '1.0.0=a 2.0.0=b'],
    ['latest alone', rules(), 'latest=z main=y', 'latest=z'],
    ['nothing', rules(), 'main=y', ''],
    ['no pre-releases', rules(), '1.0.0=a 1.1.0-rc.1=b', '1.0.0=a'],
    ['pre-releases', rules({ preReleases: true }), '1.1.0=d 1.1.0-rc.1=c 1.1.0-beta.2=b 1.1.0-alpine=x 1.1.0-rc.1-alpine=y', '1.1.0-beta.2=b 1.1.0-rc.1=c 1.1.0=d'],
    ['a final version before a pre-release that is the same image', rules({ preReleases: true }), '1.1.0-rc.1=a 1.1.0=a', '1.1.0=a'],
    ['pre-releases of own prefixes', rules({ preReleases: true, preReleasePrefixes: ['build'] }), '1.1.0-build.3=a 1.1.0-alpine=b', '1.1.0-build.3=a'],
    ['a variant', rules({ variant: 'alpine' }), '1.0.0=a 1.0.0-alpine=b 2.0.0-alpine=c alpine=d latest=e', '1.0.0-alpine=b 2.0.0-alpine=c alpine=d'],
    ['a constraint, and then no latest', rules({ semver: '1.x' }), '1.0.0=a 1.5.0=b 2.0.0=c latest=z', '1.0.0=a 1.5.0=b'],
    ['equal versions that are different images: the one that says most last', rules(), '1.0.0=a 1=b', '1=b 1.0.0=a'],
  ])('%s', (_name, given, tags, expected) => {
    expect(select(tags, given)).toBe(expected)
  })
})
