import { searchDashboards } from '../../contracts/v1/tools/search-dashboards.ts'
import { boardsOf } from '../boards/board-store.ts'
import { boardIndexOf, rankHits } from '../boards/search-boards.ts'
import { defineHandler } from '../dispatch/define-handler.ts'

export const handler = defineHandler(searchDashboards, async ({ query, kinds, limit }, { project }) => {
  const store = boardsOf(project)
  const found = rankHits(query, await boardIndexOf(project).search(query, await store.all()))
  const hits = found.filter(({ kind }) => kinds === undefined || kinds.includes(kind))
  return {
    warnings: store.warnings(),
    data: {
      results: hits.slice(0, limit).map(({ texts: _texts, sources: _sources, ...hit }) => hit),
      total: hits.length,
    },
  }
})
