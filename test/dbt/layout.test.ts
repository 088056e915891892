import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { askLab as ask, labFiles as base, findingsOf as findings, serveLab as serve } from '../support/dbt-lab.ts'
import { type DbtFolder, dbtFolder } from '../support/dbt-project.ts'
import { writeDatabase } from '../support/duckdb.ts'

let folder: DbtFolder | undefined
afterEach(() => folder?.close())

describe('a name resolves', () => {
  test('by the custom schemas and aliases of dbt_project.yml, of YAML and of the model, the nearest first', async () => {
    const lab = await serve(
      {
        'dbt_project.yml': `name: lab
profile: lab
model-paths: [models, more/models]
vars: {place: loft}
models:
  +schema: outer
  lab:
    deep:
      +schema: "{{ var('place') }}"
      deeper:
        schema: null
        named: {+alias: renamed}
`,
        'models/top.sql': 'select 1',
        'models/deep/mid.sql': 'select 1',
        'models/deep/deeper/named.sql': 'select 1',
        'models/deep/yaml.sql': 'select 1',
        'models/deep/yaml.yml': 'models: [{name: yaml, config: {schema: y}}]',
        'more/models/file.sql': `{{ config(\n  materialized='table', alias = "f" ~ "ile2",\n  schema=var('place'), meta={'a': [1, 'b)']}) }}\nselect 1`,
      },
      ['dev_outer.top', 'dev_loft.mid', 'dev.renamed', 'dev_y.yaml', 'dev_loft.file2'],
    )
    expect(await ask(lab, "ref('top')")).toBe('dev_outer.top')
    expect(await ask(lab, "ref('mid')")).toBe('dev_loft.mid')
    expect(await ask(lab, "ref('named')")).toBe('dev.renamed')
    expect(await ask(lab, "ref('yaml')")).toBe('dev_y.yaml')
    expect(await ask(lab, "ref('file')")).toBe('dev_loft.file2')
    expect(await findings(lab)).toEqual([])
  })

  test('by what dbt_project.yml says of one version, and of one snapshot of a file', async () => {
    const lab = await serve(
      {
        'dbt_project.yml': `name: lab
profile: lab
models: {lab: {report: {+schema: r, v2: {+schema: r2}}}}
snapshots: {lab: {+schema: s, kept: {+schema: k, one: {+schema: o}}, two: {+schema: no}}}
`,
        'models/report_v1.sql': 'select 1',
        'models/report_v2.sql': 'select 1',
        'models/report.yml': 'models: [{name: report, versions: [{v: 1}, {v: 2}]}]',
        'snapshots/kept.sql': '{% snapshot one %}select 1{% endsnapshot %}{% snapshot two %}select 1{% endsnapshot %}',
      },
      ['dev_r.report_v1', 'dev_r2.report_v2', 'dev_o.one', 'dev_k.two'],
    )
    expect(await ask(lab, "ref('report', v=1)")).toBe('dev_r.report_v1')
    expect(await ask(lab, "ref('report')")).toBe('dev_r2.report_v2')
    expect(await ask(lab, "ref('one')")).toBe('dev_o.one')
    expect(await ask(lab, "ref('two')")).toBe('dev_k.two')
  })

  test.each([
    ['that gives the custom one', '{{ custom_schema_name | trim }}', 'marts.model'],
    ['of environments', '{{ generate_schema_name_for_env(custom_schema_name, node) }}', 'dev.model'],
    [
      'with conditions',
      "{#- else #}{%- if name is none or target.name == 'prod' -%} no {%- elif node.resource_type == 'model' -%} {{ target.schema }}__{{ name | upper }} {%- endif -%}",
      'dev__MARTS.model',
    ],
    ['that only dbt can run', '{{ exceptions.raise_compiler_error("x") }}', 'dev_marts.model'],
  ])('where the project has a macro for schemas %s', async (_title, body, table) => {
    const parameter = body.includes('custom_schema_name') ? 'custom_schema_name' : 'name=none'
    const macro = `{# macro generate_schema_name() #}\n{% macro generate_schema_name(${parameter}, node) -%} ${body} {%- endmacro %}`
    const lab = await serve({ 'macros/deep/schema.sql': macro, 'models/model.sql': "{{ config(schema='marts') }} select 1" }, [table])
    expect(await ask(lab, "ref('model')")).toBe(table)
  })

  test('where the project has a macro for aliases', async () => {
    const macro =
      '{% macro generate_alias_name(custom_alias_name=none, node=none) -%}{{ node.fqn[1] }}_{{ custom_alias_name or node.name }}{%- endmacro %}'
    const lab = await serve(
      { 'macros/alias.sql': macro, 'models/mart/one.sql': 'select 1', 'models/mart/two.sql': "{{ config(alias='zwei') }}" },
      ['dev.mart_one', 'dev.mart_zwei'],
    )
    expect(await ask(lab, "ref('one')")).toBe('dev.mart_one')
    expect(await ask(lab, "ref('two')")).toBe('dev.mart_zwei')
  })

  test('by version, the latest without one, and by package', async () => {
    const lab = await serve(
      {
        'models/m.yml':
          'models: [{name: m, latest_version: 2, versions: [{v: 1, defined_in: old_m}, {v: 2}, {v: 3, config: {alias: m_next}}]}]',
        'models/old_m.sql': 'select 1',
        'models/m_v2.sql': 'select 1',
        'models/m_v3.sql': 'select 1',
        'models/shared.sql': 'select 1',
        'dbt_packages/tools/dbt_project.yml': 'name: tools\nmodels: {tools: {+schema: t}}\n',
        'dbt_packages/tools/models/shared.sql': 'select 1',
        'dbt_packages/tools/models/lone.sql': "{{ config(schema='u') }} select 1",
        'packages.yml': 'packages: [{local: ../beside}, {local: beside}, {package: x/y, version: 1}]',
        'beside/dbt_project.yml': 'name: beside\n',
        'beside/models/local.sql': 'select 1',
      },
      ['dev.m_v1', 'dev.m_v2', 'dev.m_next', 'dev.shared', 'dev_t.shared', 'dev_u.lone', 'dev.local'],
    )
    expect(await ask(lab, "ref('m')")).toBe('dev.m_v2')
    expect(await ask(lab, "ref('m', v=1)")).toBe('dev.m_v1')
    expect(await ask(lab, "ref('lab', 'm', version='3')")).toBe('dev.m_next')
    expect(await ask(lab, "ref('m', v=7)")).toBe('REF_UNKNOWN: The model m has no version 7. Versions: 1, 2, 3.')
    expect(await ask(lab, "ref('shared', v=1)")).toContain('It has no versions')
    expect(await ask(lab, "ref('shared')")).toBe('dev.shared')
    expect(await ask(lab, "ref('tools', 'shared')")).toBe('dev_t.shared')
    expect(await ask(lab, "ref('lone')")).toBe('dev_u.lone')
    expect(await ask(lab, "ref('local')")).toBe('dev.local')
    expect(await ask(lab, "ref('tool', 'lone')")).toContain('Did you mean tools.lone?')
  })

  test('in another project of the repository that it depends on', async () => {
    const sibling = (name: string, more: object = {}) => ({
      [`${name}/dbt_project.yml`]: `name: ${name}\nprofile: lab\nmodels: {${name}: {+schema: ${name}}}\n`,
      [`${name}/models/${name}_m.sql`]: 'select 1',
      ...more,
    })
    const files = {
      ...sibling('ground'),
      ...sibling('apart'),
      ...sibling('lab', { 'lab/dependencies.yml': 'projects: [{name: ground}]', 'lab/models/up.sql': "{{ ref('ground', 'ground_m') }}" }),
      'lab/profiles.yml': base['profiles.yml'],
    }
    folder = await dbtFolder('nothing', files)
    writeDatabase(
      join(folder.dir, 'lab/lab.duckdb'),
      ...[
        'CREATE SCHEMA dev_ground',
        'CREATE SCHEMA dev_lab',
        "CREATE TABLE dev_ground.ground_m AS SELECT 'here' AS told",
        'CREATE TABLE dev_lab.up AS SELECT 1 AS told',
      ],
    )
    const lab = await folder.serve({ dir: join(folder.dir, 'lab') })
    expect(await ask(lab, "ref('ground', 'ground_m')")).toBe('here')
    expect(await ask(lab, "ref('apart', 'apart_m')")).toContain('REF_UNKNOWN')
    expect(await lab.data('describe_table', { source: 'lab', table: 'ground_m' })).toMatchObject({
      dbt: { package: 'ground', downstream: ['dev_lab.up'] },
    })
  })

  test('of sources, with templates in schema and identifier', async () => {
    const lab = await serve(
      {
        'models/src.yml': `sources:
  - name: plain
    tables: [{name: a}, {name: off, config: {enabled: "{{ var('use_off', false) }}"}}]
  - name: made
    schema: "{% if target.type == 'duckdb' %}{{ target.schema.replace('v', 'p') }}{% else %}other{% endif %}_raw"
    database: "{{ target.database | default(none) }}"
    tables: [{name: b, identifier: "{{ env_var('B_NAME', 'B 2') }}"}]`,
      },
      ['plain.a', 'dep_raw.B 2'],
    )
    expect(await ask(lab, "source('plain', 'a')")).toBe('plain.a')
    expect(await ask(lab, "source('made', 'b')")).toBe('dep_raw.B 2')
    expect(await ask(lab, "source('plain', 'off')")).toContain('REF_UNKNOWN: The dbt project has no source plain.off.')
    expect(await ask(lab, "source('plain', 'b')")).toContain('Did you mean plain.a?')
  })

  test('as the database spells it, and as dbt would make it where it is not there yet', async () => {
    const lab = await serve(
      { 'models/Mixed.sql': 'select 1', 'models/later.sql': 'select 1', 'models/eph.sql': "{{ config(materialized='ephemeral') }}" },
      ['dev.MIXED'],
    )
    expect(await ask(lab, "ref('Mixed')")).toBe('dev.MIXED')
    expect(await ask(lab, "ref('later')")).toMatch(/TABLE_NOT_FOUND/)
    expect(await ask(lab, "ref('eph')")).toContain('REF_UNKNOWN: The model eph is ephemeral')
    expect(await ask(lab, 'ref(name)')).toMatch(/TEMPLATE_ERROR|UNKNOWN_VARIABLE/)
    expect(await ask(lab, "ref('a', 'b', 'c')")).toContain('ref() takes the names')
    expect(await ask(lab, "source('a', 'b', v=1)")).toContain('source() takes the names')
  })
})

describe('what is odd gives data or a finding with a code', () => {
  test('empty, broken, huge and foreign files leave the others', async () => {
    const lab = await serve(
      {
        'models/good.yml': 'models: [{name: good, description: Good.}]',
        'models/good.sql': 'select 1',
        'models/empty.yml': '',
        'models/comment.yml': '# nothing\n',
        'models/list.yml': '- 1\n- 2\n',
        'models/odd.yml':
          'models: {name: x}\nsources: 7\nexposures: [1, null, {}]\nmetrics: [{}]\nsemantic_models: [{name: s}]\ngroups: yes\n',
        'models/odd_parts.yml':
          'models: [{name: {}}, {}, {name: good2, columns: {a: 1}, tests: 3, meta: [1], tags: {a: 1}, config: text, versions: none}]\n',
        'models/broken.yml': 'models:\n  - name: "open\n  - x: [1\n',
        'models/jinja.yml': 'models:\n  - name: {{ nothing }}\n',
        'models/huge.yml': `# ${'x'.repeat(5 * 1024 * 1024)}`,
        'models/binary.sql': '\0\u0001 ref(',
        'models/tests.yml':
          'models: [{name: t, columns: [{name: told, tests: [1, null, [], {}, {name: n}, unique, {not_null: null}, {relationships: 3}, {accepted_values: {values: 5}}]}]}]',
        'models/README.md': '{% docs open %} never closed',
      },
      ['dev.good', 'dev.t'],
    )
    expect(await lab.data('describe_table', { source: 'lab', table: 'good' })).toMatchObject({ comment: 'Good.' })
    expect(await lab.data('describe_table', { source: 'lab', table: 't' })).toMatchObject({ primary_key: ['told'] })
    expect((await findings(lab)).sort()).toEqual([
      'DBT_FILE_UNREADABLE models/broken.yml:2',
      'DBT_FILE_UNREADABLE models/huge.yml:1',
      'DBT_TEMPLATE models/jinja.yml:2',
    ])
    expect(lab.logged.filter((line) => line.includes('DBT_FILE_UNREADABLE'))).toHaveLength(2)
  })

  test('links that lead in circles are followed once', async () => {
    folder = await dbtFolder('nothing', { ...base, 'models/a/one.sql': 'select 1', 'outside/two.sql': 'select 1' })
    await symlink(join(folder.dir, 'models'), join(folder.dir, 'models/a/loop'))
    await symlink(join(folder.dir, 'models/a/self'), join(folder.dir, 'models/a/self'))
    await symlink(join(folder.dir, 'outside'), join(folder.dir, 'models/linked'))
    await mkdir(join(folder.dir, 'models/dir.sql'))
    const lab = await folder.serve()
    const { graph } = (await lab.dataface.project.sources.get('lab')?.dbt?.examine()) ?? {}
    expect([...(graph?.nodes.keys() ?? [])].sort()).toEqual(['model.lab.one', 'model.lab.two'])
  })

  test('names that are there twice are told, and the first holds', async () => {
    const lab = await serve(
      {
        'models/a/m.sql': "{{ config(schema='one') }}",
        'models/b/m.sql': "{{ config(schema='two') }}",
        'models/a.yml': 'models: [{name: m, description: First.}]',
        'models/b.yml': 'models: [{name: m, description: Second.}]',
      },
      ['dev_one.m', 'dev_two.m'],
    )
    expect(await ask(lab, "ref('m')")).toBe('dev_one.m')
    expect(await lab.data('describe_table', { source: 'lab', table: 'm', schema: 'dev_one' })).toMatchObject({ comment: 'First.' })
    expect((await findings(lab)).sort()).toEqual(['DBT_DUPLICATE_NAME models/b.yml', 'DBT_DUPLICATE_NAME models/b/m.sql'])
  })

  test('what would be one table, or has one name, is told, and of sources the first holds', async () => {
    const lab = await serve(
      {
        'models/a.sql': "{{ config(alias='same') }}",
        'models/b.sql': "{{ config(alias='Same') }}",
        'models/c.sql': "{{ config(alias='same', materialized='ephemeral') }}",
        'models/d.sql': "{{ config(alias='same', schema='other') }}",
        'models/e.sql': 'select 1',
        'seeds/e.csv': 'told',
        'models/s.yml': 'sources: [{name: raw, tables: [{name: x, description: First.}]}, {name: raw, tables: [{name: y}]}]',
        'models/t.yml': 'sources: [{name: raw, tables: [{name: x, description: Second.}]}]',
      },
      ['raw.x'],
    )
    expect((await findings(lab)).sort()).toEqual([
      'DBT_DUPLICATE_NAME models/b.sql',
      'DBT_DUPLICATE_NAME models/t.yml',
      'DBT_DUPLICATE_NAME seeds/e.csv',
    ])
    expect(await lab.data('describe_table', { source: 'lab', table: 'raw.x' })).toMatchObject({ comment: 'First.' })
  })

  test('settings that only dbt can render are told once per file, and the rest holds', async () => {
    const yaml =
      'models:\n  - {name: m, description: "Kept {{ my_macro() }}.", config: {schema: "{{ my_macro() }}", alias: "{{ env_var(\'NOPE\') }}"}}\n'
    const lab = await serve({ 'models/m.yml': yaml, 'models/m.sql': 'select 1' }, ['dev.m'])
    expect(await ask(lab, "ref('m')")).toBe('dev.m')
    expect(await lab.data('describe_table', { source: 'lab', table: 'm' })).toMatchObject({ comment: 'Kept {{ my_macro() }}.' })
    expect(await findings(lab)).toEqual(['DBT_TEMPLATE models/m.sql'])
  })

  test('the environment of the server is in no text that callers are shown', async () => {
    const label = "{{ env_var('LAB_KEY') }}"
    folder = await dbtFolder('nothing', {
      ...base,
      'models/m.sql':
        "{{ config(schema=env_var('DBT_ENV_SECRET_KEY', 'safe'), tags=[env_var('LAB_KEY')], meta={'a': env_var('LAB_KEY')}) }}",
      'models/n.sql': "{% set key = env_var('LAB_KEY') %}{% set name = 'n' %}{{ config(alias=name, tags=[key], meta={'a': key, 'b': 1}) }}",
      'models/m.yml': `models:
  - {name: n, config: {group: "${label}", access: "${label}"}}
  - {name: m, description: "D ${label}", columns: [{name: told, description: "C ${label}"}], meta: {owner: "O ${label}", api_key: k3pt-quiet, 'Password': k3pt-quiet, note: kept}}
exposures:
  - {name: e, label: "${label}", type: "of {{ target.path }} {{ target.schema }}", url: "https://x.example/?k=${label}", depends_on: ["ref('m')"]}
metrics:
  - {name: n, label: "${label}", description: "${label}", model: "ref('m')"}
`,
    })
    writeDatabase(
      join(folder.dir, 'lab.duckdb'),
      'CREATE SCHEMA dev_safe',
      'CREATE TABLE dev_safe.m AS SELECT 1 AS told',
      'CREATE SCHEMA dev',
      'CREATE TABLE dev.n AS SELECT 1 AS told',
    )
    const lab = await folder.serve({ env: { LAB_KEY: 's3cret-word', DBT_ENV_SECRET_KEY: 's3cret-word' } })
    const answer = JSON.stringify([
      await lab.data('describe_table', { source: 'lab', table: 'm' }),
      await lab.data('describe_table', { source: 'lab', table: 'n' }),
      await lab.call('catalog', { query: 'n' }),
    ])
    expect(answer).toContain('"note":"kept"')
    expect(answer).toContain('"name":"n"')
    expect(answer).toContain('"type":"of  dev"')
    expect(answer).not.toMatch(/s3cret-word|k3pt-quiet/)
  })

  test('names that reach into objects are names', async () => {
    const names = ['__proto__', 'constructor', 'toString', 'a"b', "it's", 'ünï']
    const yaml = JSON.stringify({
      models: names.map((name) => ({
        name,
        description: `D ${name}`,
        meta: { constructor: 1, a: name },
        columns: [{ name: '__proto__' }],
      })),
    })
    const lab = await serve({ 'models/odd.yml': yaml }, ['dev.constructor', 'dev.ünï'])
    expect(await lab.data('describe_table', { source: 'lab', table: 'constructor' })).toMatchObject({
      comment: 'D constructor',
      dbt: { meta: { constructor: 1 } },
    })
    expect(await ask(lab, "ref('ünï')")).toBe('dev.ünï')
    expect(await ask(lab, "ref('valueOf')")).toContain('REF_UNKNOWN')
  })

  test('lineage that goes in a circle ends', async () => {
    const lab = await serve(
      { 'models/a.sql': "{{ ref('b') }}", 'models/b.sql': "{{ ref('c') }}", 'models/c.sql': "{{ ref('a') }} {{ ref('c') }}" },
      ['dev.a', 'dev.c'],
    )
    expect(await lab.data('describe_table', { source: 'lab', table: 'a' })).toMatchObject({
      dbt: { upstream: ['dev.c'], downstream: ['dev.c'] },
    })
  })
})
