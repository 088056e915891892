import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const browserPath = '/usr/bin/chromium'

/** Chromium of the machine, with everything switched off that it would ask others for. */
export const openBrowser = async (): Promise<Browser> => {
  if (!existsSync(browserPath)) throw new Error('This test needs Chromium: apt-get install chromium, as .ci/run does.')
  return chromium.launch({
    executablePath: browserPath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
