import type { Locator } from 'playwright-core'

/** Does what a person does with a page. */
interface Hands {
  /** A button or link. */
  press(target: Locator): Promise<void>
  /** In the place of what a field holds. */
  type(field: Locator, text: string): Promise<void>
}

const hands = (reach: (target: Locator) => Promise<void>, press: (target: Locator) => Promise<void>): Hands => ({
  press,
  async type(field, text) {
    await reach(field)
    await field.page().keyboard.press('ControlOrMeta+a')
    await field.page().keyboard.type(text)
  },
})

const click = (target: Locator): Promise<void> => target.click()
const pressEnter = async (target: Locator): Promise<void> => {
  await focusByTab(target)
  await target.page().keyboard.press('Enter')
}

/** For `test.each`: what a person does by mouse is done by keyboard alone, too. */
export const byMouseAndKeyboard = [['mouse', hands(click, click)], ['keyboard', hands(focusByTab, pressEnter)]] as const

/** Moves on by Tab until it has the focus: what Tab does not reach is not there for those without a mouse. */
export async function focusByTab(target: Locator): Promise<void> {
  await target.waitFor()
  for (let presses = 0; presses < 200; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return
    await target.page().keyboard.press('Tab')
  }
  throw new Error(`Tab does not reach ${String(target)}`)
}
