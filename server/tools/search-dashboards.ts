import { searchDashboards } from '../../contracts/v1/tools/search-dashboards.ts'
import { boardsOf } from '../boards/board-store.ts'
import { BoardIndex } from '../boards/search-boards.ts'
import { defineHandler } from '../dispatch/define-handler.ts'
import type { Project } from '../projects/project.ts'

const indexes = new WeakMap<Project, BoardIndex>()

export const handler = defineHandler(searchDashboards, async ({ query, kinds, limit }, { project }) => {
  const index = indexes.get(project) ?? new BoardIndex()
  indexes.set(project, index)
  const store = boardsOf(project)
  const hits = (await index.search(query, await store.all())).filter(({ kind }) => kinds === undefined || kinds.includes(kind))
  return {
    warnings: store.warnings(),
    data: {
      results: hits.slice(0, limit).map(({ texts: _, ...hit }) => hit),
      total: hits.length,
    },
  }
})
