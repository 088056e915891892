import { byId } from './dom.ts'

const dialog = byId('drill') as HTMLDialogElement
byId('drill-close').addEventListener('click', () => dialog.close())
dialog.addEventListener('click', (event) => {
  if (event.target === dialog) dialog.close()
})

/** Shows something over the page; Escape, the button and a press beside it close it, and focus goes back. */
export const openDialog = (title: string, ...content: Node[]): void => {
  byId('drill-title').textContent = title
  byId('drill-body').replaceChildren(...content)
  if (!dialog.open) dialog.showModal()
}

export const closeDialog = (): void => dialog.close()
