import { Component, type ComponentType } from 'preact'

/** A component that renders only when a property differs from the last ones: the parent may render as often as it likes. */
export function memo<Props extends object>(render: (props: Props) => preact.JSX.Element): ComponentType<Props> {
  return class extends Component<Props> {
    override shouldComponentUpdate(next: Props): boolean {
      return !sameProperties(this.props, next)
    }

    override render(): preact.JSX.Element {
      return render(this.props)
    }
  }
}

/** Whether two objects have the same properties, by identity. */
export function sameProperties<T extends object>(a: T, b: T): boolean {
  if (a === b) return true
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => a[key as keyof T] === b[key as keyof T] && key in b)
}
