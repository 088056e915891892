import { createRequire } from 'node:module'
import type { MapChart } from '../../../contracts/v1/board/charts.ts'

/** Areas of the world or of the United States: public domain, from Natural Earth and the Census Bureau. */
export interface GeoSource {
  /** TopoJSON, as Vega reads it. */
  readonly topology: object
  /** The object of the topology that holds the areas. */
  readonly feature: string
  /** Its coordinates are pixels already, of the projection `albersUsa`: nothing is left to project. */
  readonly isFlat: boolean
  /** The id of the area that a value names: an id, a code or a name. Undefined when there is none. */
  find(value: unknown): string | undefined
}

export type GeoName = NonNullable<MapChart['geo_source']>

interface Topology {
  readonly objects: Readonly<Record<string, { readonly geometries: readonly Area[] }>>
}

interface Area {
  readonly id?: string
  readonly properties?: { readonly name?: string }
}

/** A file of areas on the globe, and the same areas on a plane where there are such. */
interface Atlas {
  readonly feature: string
  readonly globe: string
  readonly flat?: string
}

const atlases: Readonly<Record<GeoName, Atlas>> = {
  'us-states': { feature: 'states', globe: 'us-atlas/states-10m.json', flat: 'us-atlas/states-albers-10m.json' },
  'us-counties': { feature: 'counties', globe: 'us-atlas/counties-10m.json', flat: 'us-atlas/counties-albers-10m.json' },
  world: { feature: 'countries', globe: 'world-atlas/countries-110m.json' },
  'world-countries': { feature: 'countries', globe: 'world-atlas/countries-110m.json' },
  'world-110m': { feature: 'countries', globe: 'world-atlas/countries-110m.json' },
  'world-50m': { feature: 'countries', globe: 'world-atlas/countries-50m.json' },
}

const require = createRequire(import.meta.url)
const loaded = new Map<string, GeoSource>()

export const isUnitedStates = (name: GeoName): boolean => name.startsWith('us-')

/**
 * Reads the areas of a map, once, when the first map needs them.
 * @param projection that they are wanted in: projecting the counties takes a second, and their plane is there to be read.
 */
export function geoSource(name: GeoName, projection?: string): GeoSource {
  const { feature, globe, flat } = atlases[name]
  const file = projection === 'albersUsa' ? (flat ?? globe) : globe
  let source = loaded.get(file)
  if (source === undefined) {
    const topology = require(file) as Topology
    const ids = new Map<string, string>()
    for (const { id, properties } of topology.objects[feature]?.geometries ?? []) {
      if (id === undefined) continue
      for (const word of [id, String(Number(id)), properties?.name]) if (word !== undefined) ids.set(plain(word), id)
    }
    source = { topology, feature, isFlat: file === flat, find: (value) => findArea(value, ids, isUnitedStates(name)) }
    loaded.set(file, source)
  }
  return source
}

function findArea(value: unknown, ids: ReadonlyMap<string, string>, isState: boolean): string | undefined {
  if (value === null || value === undefined) return undefined
  const word = plain(String(value))
  return ids.get(word) ?? ids.get(plain(nameOfCode(word, isState) ?? otherNames.get(word) ?? ''))
}

/** Case, marks and full stops do not tell places apart. */
const plain = (word: string): string =>
  word
    .normalize('NFD')
    .replace(/[\u0300-\u036f.]/g, '')
    .replace(/^us-(?=[a-z]{2}$)/i, '')
    .trim()
    .toLowerCase()

const regions = new Intl.DisplayNames('en', { type: 'region' })

function nameOfCode(word: string, isState: boolean): string | undefined {
  if (!/^[a-z]{2}$/.test(word)) return undefined
  if (isState) return states.get(word)
  const name = regions.of(word.toUpperCase())
  return name === undefined ? undefined : (otherNames.get(plain(name)) ?? name)
}

/** Names that people write, and how the atlas writes them. */
const otherNames: ReadonlyMap<string, string> = new Map(
  Object.entries({
    usa: 'United States of America',
    'united states': 'United States of America',
    uk: 'United Kingdom',
    'great britain': 'United Kingdom',
    'czech republic': 'Czechia',
    'bosnia & herzegovina': 'Bosnia and Herz.',
    'bosnia and herzegovina': 'Bosnia and Herz.',
    'congo - kinshasa': 'Dem. Rep. Congo',
    'democratic republic of the congo': 'Dem. Rep. Congo',
    'congo - brazzaville': 'Congo',
    'republic of the congo': 'Congo',
    'dominican republic': 'Dominican Rep.',
    'central african republic': 'Central African Rep.',
    'south sudan': 'S. Sudan',
    'equatorial guinea': 'Eq. Guinea',
    'western sahara': 'W. Sahara',
    'solomon islands': 'Solomon Is.',
    'falkland islands': 'Falkland Is.',
    'north macedonia': 'Macedonia',
    eswatini: 'eSwatini',
    turkiye: 'Turkey',
    'ivory coast': "Côte d'Ivoire",
    'cote d’ivoire': "Côte d'Ivoire",
    'myanmar (burma)': 'Myanmar',
    'russian federation': 'Russia',
    'south korea': 'South Korea',
    'palestinian territories': 'Palestine',
    'viet nam': 'Vietnam',
  }),
)

const states: ReadonlyMap<string, string> = new Map(
  (
    'al Alabama,ak Alaska,az Arizona,ar Arkansas,ca California,co Colorado,ct Connecticut,de Delaware,dc District of Columbia,' +
    'fl Florida,ga Georgia,hi Hawaii,id Idaho,il Illinois,in Indiana,ia Iowa,ks Kansas,ky Kentucky,la Louisiana,me Maine,' +
    'md Maryland,ma Massachusetts,mi Michigan,mn Minnesota,ms Mississippi,mo Missouri,mt Montana,ne Nebraska,nv Nevada,' +
    'nh New Hampshire,nj New Jersey,nm New Mexico,ny New York,nc North Carolina,nd North Dakota,oh Ohio,ok Oklahoma,or Oregon,' +
    'pa Pennsylvania,ri Rhode Island,sc South Carolina,sd South Dakota,tn Tennessee,tx Texas,ut Utah,vt Vermont,va Virginia,' +
    'wa Washington,wv West Virginia,wi Wisconsin,wy Wyoming,pr Puerto Rico'
  )
    .split(',')
    .map((entry) => [entry.slice(0, 2), entry.slice(3)] as const),
)
