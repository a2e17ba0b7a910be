/** The same object, but for what is given; methods run on the object itself, so that its private parts are at hand. */
export function instead<T extends object>(inner: T, given: Partial<T>): T {
  return new Proxy(inner, {
    get(target, key) {
      if (Object.hasOwn(given, key)) return Reflect.get(given, key) as unknown
      const value: unknown = Reflect.get(target, key)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}
