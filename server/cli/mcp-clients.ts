import { homedir } from 'node:os'
import { join } from 'node:path'
import { contracts } from '../../contracts/catalog.ts'
import type { Contract } from '../../contracts/define-contract.ts'

/** How a client reaches the server: it starts a command, or connects to an address. */
export type McpServer = { readonly command: string; readonly args: readonly string[] } | { readonly url: string }

export interface McpClient {
  /** For people: "VS Code". */
  readonly title: string
  /** Whose file it is: that of a folder, of the person, or none, where the settings are pasted into a page. */
  readonly scope: 'folder' | 'person' | 'page'
  readonly format: 'json' | 'toml'
  /** Where it reads its servers: from the folder, or the absolute file of the person; of a page, where to paste. */
  place(env: Readonly<Record<string, string | undefined>>): string
  /** Key of the object that holds the servers by name. */
  readonly section: string
  /** What it wants to know of a server; undefined where it only starts commands. */
  entry(server: McpServer): object | undefined
  /** What stands for the folder that is open, in its settings. */
  readonly folderVariable?: string
  /** What is left to do. */
  readonly next: string
}

const readingTools = (contracts as readonly Contract[]).filter(({ annotations }) => annotations.readOnly).map(({ name }) => name)

const typed = (server: McpServer): object => ({ type: 'url' in server ? 'http' : 'stdio', ...server })

/** The clients whose settings are known, by the name that the command takes. */
export const mcpClients = {
  vscode: {
    title: 'VS Code',
    scope: 'folder',
    format: 'json',
    place: () => '.vscode/mcp.json',
    section: 'servers',
    entry: typed,
    folderVariable: '$' + '{workspaceFolder}',
    next: 'Open the folder in VS Code, trust the server when asked, and pick its tools in the chat.',
  },
  'copilot-agent': {
    title: 'Copilot coding agent',
    scope: 'page',
    format: 'json',
    place: () => 'the settings of the repository on GitHub, under Copilot, coding agent, MCP configuration',
    section: 'mcpServers',
    // It runs without asking, so it is given the tools that write nothing.
    entry: (server) => ({ type: 'url' in server ? 'http' : 'local', ...server, tools: readingTools }),
    folderVariable: '.',
    next: 'Let .github/workflows/copilot-setup-steps.yml install the package; variables of the sources are named COPILOT_MCP_... there.',
  },
  cursor: {
    title: 'Cursor',
    scope: 'folder',
    format: 'json',
    place: () => '.cursor/mcp.json',
    section: 'mcpServers',
    entry: (server) => server,
    next: 'Open the folder in Cursor and switch the server on in its settings, under MCP.',
  },
  'claude-desktop': {
    title: 'Claude Desktop',
    scope: 'person',
    format: 'json',
    place: ({ APPDATA }) => {
      const folders: Partial<Record<NodeJS.Platform, string>> = {
        darwin: join(homedir(), 'Library/Application Support'),
        win32: APPDATA ?? join(homedir(), 'AppData/Roaming'),
      }
      return join(folders[process.platform] ?? join(homedir(), '.config'), 'Claude/claude_desktop_config.json')
    },
    section: 'mcpServers',
    entry: (server) => ('url' in server ? undefined : server),
    next: 'Start Claude Desktop anew.',
  },
  'claude-code': {
    title: 'Claude Code',
    scope: 'folder',
    format: 'json',
    place: () => '.mcp.json',
    section: 'mcpServers',
    entry: typed,
    next: 'Start claude in the folder and approve the server.',
  },
  codex: {
    title: 'Codex',
    scope: 'person',
    format: 'toml',
    place: ({ CODEX_HOME }) => join(CODEX_HOME ?? join(homedir(), '.codex'), 'config.toml'),
    section: 'mcp_servers',
    entry: (server) => server,
    next: 'Start Codex anew; /mcp lists its servers.',
  },
} as const satisfies Record<string, McpClient>

export type McpClientName = keyof typeof mcpClients
