import { readdirSync } from 'node:fs'

/** The file of a folder that was most likely meant to be `dataface.yml`: `dataface.yaml`, `Dataface.yml`, `dataface.yml.txt`. */
export const findMisnamedFile = (folder: string): string | undefined => {
  try {
    return readdirSync(folder).find((name) => name !== 'dataface.yml' && /^dataface\.ya?ml(\.txt)?$/i.test(name))
  } catch {
    return undefined
  }
}
