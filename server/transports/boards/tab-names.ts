import type { CompiledBoard, LayoutNode } from '../../boards/compiled-board.ts'

/**
 * What the lists of tabs of a board are called in its address, by their ids: as the board names them, else `tab`, `tab2`... in
 * their order, whichever of them are visible. None is called as a variable is.
 */
export const tabNames = ({ root, variables }: CompiledBoard): ReadonlyMap<string, string> => {
  const names = new Map<string, string>()
  let count = 0
  const visit = (node: LayoutNode): void => {
    if (node.kind === 'chart' || node.layout === undefined) return
    const { layout } = node
    if (layout.direction === 'tabs') {
      const isNamed = !/^tab-(.+-)?tabs$/.test(layout.id)
      if (!isNamed) count++
      const name = isNamed ? layout.id : count === 1 ? 'tab' : `tab${count}`
      names.set(layout.id, variables.has(name) ? `tab-${name}` : name)
    }
    for (const item of layout.items) visit('node' in item ? item.node : item)
  }
  visit(root)
  return names
}
