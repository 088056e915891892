import type { Effect } from './law.ts'

/** What is known of a kind of change. How grave it is follows from its effect and direction, see `levelOf`. */
export interface Rule {
  /** One sentence: what was changed. */
  readonly summary: string
  /** What it can do to the set of accepted values. */
  readonly effects: readonly Effect[]
  /** Who notices, and what to do instead. */
  readonly advice: string
}

const bothWays = 'Where it breaks, serve the changed contract as a new version and keep the old one.'
const openIt = 'Declare a list that will grow open (`openEnum`) before it is released; then a new value needs a line in the lock only.'

/** Every kind of change, by name. A change without a rule does not compile. */
export const rules = {
  'type-narrowed': { summary: 'Fewer types of values are taken.', effects: ['narrow'], advice: bothWays },
  'type-widened': { summary: 'More types of values are taken.', effects: ['widen'], advice: bothWays },
  'type-changed': {
    summary: 'One type of values was replaced by another.',
    effects: ['incomparable'],
    advice: 'Add a field beside the old one instead.',
  },
  'enum-set': { summary: 'Any value was taken, and now only listed ones are.', effects: ['narrow'], advice: bothWays },
  'enum-lifted': { summary: 'Only listed values were taken, and now any is.', effects: ['widen'], advice: openIt },
  'enum-value-removed': {
    summary: 'A listed value is gone.',
    effects: ['narrow'],
    advice: 'Keep taking the old value in inputs, and map it.',
  },
  'enum-value-added': {
    summary: 'A listed value is new.',
    effects: ['widen'],
    advice: `Clients that validate refuse a value that they do not know. ${openIt}`,
  },
  'values-opened': {
    summary: 'A closed list was declared open.',
    effects: ['widen'],
    advice: 'Tell callers to keep a branch for values that they do not know.',
  },
  'values-closed': { summary: 'A list that was declared open is closed.', effects: ['narrow', 'incomparable'], advice: 'Leave it open.' },
  'bound-tightened': { summary: 'A bound of size or number leaves less room.', effects: ['narrow'], advice: bothWays },
  'bound-loosened': { summary: 'A bound of size or number leaves more room.', effects: ['widen'], advice: bothWays },
  'pattern-added': { summary: 'Texts must match an expression now.', effects: ['narrow'], advice: bothWays },
  'pattern-removed': { summary: 'Texts need not match an expression any more.', effects: ['widen'], advice: bothWays },
  'pattern-changed': {
    summary: 'Texts must match another expression.',
    effects: ['unknown'],
    advice: 'Where the witness is a value that callers use, treat it as a break.',
  },
  'format-added': { summary: 'Texts must have a format now.', effects: ['narrow'], advice: bothWays },
  'format-removed': { summary: 'Texts need not have a format any more.', effects: ['widen'], advice: bothWays },
  'format-changed': {
    summary: 'Texts must have another format.',
    effects: ['widen', 'narrow', 'incomparable'],
    advice: 'Add a field beside the old one instead.',
  },
  'encoding-changed': {
    summary: 'A text holds other content, or holds it encoded otherwise.',
    effects: ['incomparable'],
    advice: 'Add a field beside the old one instead.',
  },
  'constraint-added': { summary: 'A rule about values is new.', effects: ['narrow', 'unknown'], advice: bothWays },
  'constraint-removed': { summary: 'A rule about values is gone.', effects: ['widen', 'unknown'], advice: bothWays },
  'constraint-changed': {
    summary: 'A rule about values is another one.',
    effects: ['widen', 'narrow', 'incomparable', 'unknown'],
    advice: bothWays,
  },
  'nullable-added': { summary: 'Null is taken now.', effects: ['widen'], advice: 'Leave a field out of an answer rather than send null.' },
  'nullable-removed': { summary: 'Null is no longer taken.', effects: ['narrow'], advice: bothWays },
  'alternative-added': { summary: 'A form of values is new.', effects: ['widen'], advice: bothWays },
  'alternative-removed': { summary: 'A form of values is gone.', effects: ['narrow'], advice: bothWays },
  'tuple-changed': {
    summary: 'The places of a list changed, in number or type.',
    effects: ['incomparable'],
    advice: 'Use an object: a key can be added to it.',
  },
  'field-added': {
    summary: 'An optional field is new.',
    effects: ['equal', 'widen', 'narrow'],
    advice: 'Emit outputs as open objects; callers that validate a closed one refuse the field.',
  },
  'required-field-added': {
    summary: 'A required field is new.',
    effects: ['narrow', 'incomparable'],
    advice: 'Make it optional in inputs, or give it a default.',
  },
  'field-removed': {
    summary: 'A field is gone.',
    effects: ['narrow', 'widen', 'incomparable', 'unknown'],
    advice: 'Keep sending it, and say in its description what to read instead.',
  },
  'field-renamed': {
    summary: 'A field is gone, and one like it is new.',
    effects: ['incomparable'],
    advice: 'Keep the old name beside the new one.',
  },
  'field-required': { summary: 'An optional field became required.', effects: ['narrow'], advice: bothWays },
  'field-optional': { summary: 'A required field became optional.', effects: ['widen'], advice: bothWays },
  'order-changed': {
    summary: 'Keys stand in another order.',
    effects: ['equal'],
    advice: 'JSON has no order of keys; nothing is to be done.',
  },
  'object-closed': { summary: 'Unknown keys are refused now.', effects: ['narrow'], advice: bothWays },
  'object-opened': {
    summary: 'Unknown keys are taken now.',
    effects: ['widen'],
    advice: 'Once only; validators that a client keeps fail when such a key arrives.',
  },
  'map-opened': { summary: 'The values of a map may have any form now.', effects: ['widen'], advice: bothWays },
  'map-narrowed': { summary: 'Other keys hold values of one form only now.', effects: ['narrow'], advice: bothWays },
  'default-added': {
    summary: 'Absent means a value now.',
    effects: ['unknown', 'equal'],
    advice: 'Choose the value that absent meant before.',
  },
  'default-changed': {
    summary: 'Absent means another value.',
    effects: ['unknown', 'equal'],
    advice: 'Callers that relied on the old value get other answers to the same call.',
  },
  'default-removed': {
    summary: 'Absent means no value any more.',
    effects: ['unknown', 'equal'],
    advice: 'Callers that relied on the value get other answers to the same call.',
  },
  'text-changed': {
    summary: 'The description of a field changed.',
    effects: ['text'],
    advice: 'Models fill arguments by it: try a few calls with a model, then acknowledge it.',
  },
  'text-removed': {
    summary: 'A field has no description any more.',
    effects: ['unknown', 'text'],
    advice: 'Models guess what to fill in: keep a short one.',
  },
  'title-changed': {
    summary: 'The title of a schema changed, which generators take for the name of its type.',
    effects: ['unknown'],
    advice: 'Leave it, or release the clients as a new major version.',
  },

  'tool-added': { summary: 'A tool is new.', effects: ['text'], advice: 'Models choose among more tools, and the list costs more tokens.' },
  'tool-removed': {
    summary: 'A tool is gone.',
    effects: ['narrow'],
    advice: 'Deprecate it with a sunset and a replacement, and remove it after that day.',
  },
  'tool-renamed': { summary: 'A tool has another name.', effects: ['text', 'narrow'], advice: 'Keep the old name as an alias.' },
  'revision-added': {
    summary: 'A tool has a new major version.',
    effects: ['text'],
    advice: 'The older one is to be served until its sunset.',
  },
  'revision-removed': {
    summary: 'A major version of a tool is gone.',
    effects: ['narrow'],
    advice: 'Deprecate it with a sunset, and remove it after that day.',
  },
  'alias-added': { summary: 'A tool answers to one more name.', effects: ['widen'], advice: 'Nothing is to be done.' },
  'executor-changed': {
    summary: 'The server executes what the host did, or the other way round.',
    effects: ['incomparable'],
    advice: 'Make it a tool of another name.',
  },
  'alias-removed': { summary: 'A tool no longer answers to a name.', effects: ['narrow'], advice: 'Keep the alias.' },
  'name-reused': {
    summary: 'A name that was released and removed is used for something new.',
    effects: ['incomparable'],
    advice: 'Old callers would get another meaning without an error: choose another name.',
  },
  'description-changed': {
    summary: 'The description of a tool changed.',
    effects: ['text'],
    advice: 'Models choose by it: try whether they still choose this tool, then acknowledge it.',
  },
  'title-of-tool-changed': { summary: 'The title of a tool changed.', effects: ['text'], advice: 'People find it under another name.' },
  'version-unchanged': {
    summary: 'A contract changed under its old version.',
    effects: ['incomparable'],
    advice: 'Raise the minor version, or the major one for a break.',
  },
  'version-lowered': {
    summary: 'A contract has an older version than was released.',
    effects: ['incomparable'],
    advice: 'Versions only rise.',
  },
  'error-added': {
    summary: 'A tool may answer with one more error code.',
    effects: ['widen'],
    advice: 'Callers must expect codes that they do not know.',
  },
  'error-removed': { summary: 'A tool no longer answers with an error code.', effects: ['narrow'], advice: 'Nothing is to be done.' },
  'code-added': {
    summary: 'The list of error codes has a new one.',
    effects: ['widen'],
    advice: 'Callers must expect codes that they do not know.',
  },
  'code-removed': {
    summary: 'An error code is gone or renamed.',
    effects: ['incomparable'],
    advice: 'Keep the code; callers and pages name it.',
  },
  'code-changed': {
    summary: 'An error code has another status, or is retried otherwise.',
    effects: ['incomparable'],
    advice: 'Make a new code; callers decide by these.',
  },
  'hint-weakened': {
    summary: 'A tool promises hosts less than it did.',
    effects: ['widen'],
    advice: 'Hosts allow calls by these hints: make another tool.',
  },
  'hint-strengthened': { summary: 'A tool promises hosts more than it did.', effects: ['narrow'], advice: 'Hosts may ask less often.' },
  'address-changed': {
    summary: 'The tool is called in another place or answered with another status over HTTP.',
    effects: ['incomparable'],
    advice: 'Keep the path, the method, the operation id and the status.',
  },
  'answers-changed': {
    summary: 'The tool answers in other forms: once, or as a stream.',
    effects: ['narrow', 'widen', 'incomparable'],
    advice: 'Add a form beside the old one.',
  },
  'reading-changed': {
    summary: 'Models are given another part of an answer to read, or another form of it.',
    effects: ['narrow', 'widen'],
    advice: 'Try a few questions with a model over MCP, then acknowledge it.',
  },
  'scopes-changed': {
    summary: 'Callers need other rights.',
    effects: ['narrow', 'widen', 'incomparable'],
    advice: 'Callers that hold no such right are refused: make another tool.',
  },
  'stability-changed': {
    summary: 'The tool may change more, or less, than was said.',
    effects: ['narrow', 'widen'],
    advice: 'What is stable stays so.',
  },
  deprecated: {
    summary: 'A tool is deprecated.',
    effects: ['text', 'unknown'],
    advice: 'Give it a sunset, a day at least a year ahead, and a replacement.',
  },
  'sunset-changed': {
    summary: 'The last day of a tool is another one.',
    effects: ['narrow', 'widen', 'incomparable'],
    advice: 'A sunset may be put off, never moved nearer or dropped.',
  },
  'limit-changed': {
    summary: 'A default, page size, cap, timeout or rate is another one.',
    effects: ['narrow', 'widen', 'incomparable'],
    advice: 'The same call may give less: say so in the change log.',
  },
  'bound-of-input-changed': {
    summary: 'What a call may hold beyond its schema, such as nesting or bytes, is another amount.',
    effects: ['narrow', 'widen', 'incomparable'],
    advice: bothWays,
  },
  'ordering-changed': {
    summary: 'Results come in another order by default.',
    effects: ['incomparable', 'narrow', 'widen'],
    advice: 'Walks by cursor and kept answers change: add an argument instead.',
  },
  'pagination-changed': {
    summary: 'Pages are asked for in another way.',
    effects: ['incomparable', 'narrow', 'widen'],
    advice: 'Add the new way beside the old one.',
  },
  'meaning-changed': {
    summary: 'A value has another unit, time zone, currency or meaning.',
    effects: ['incomparable', 'narrow', 'widen'],
    advice: 'Nobody sees it in the type: add a field with the unit in its name.',
  },
  'sensitivity-changed': {
    summary: 'A value of an answer is personal data, or kept otherwise.',
    effects: ['incomparable', 'narrow', 'widen'],
    advice: 'Have it reviewed.',
  },
  'headers-changed': {
    summary: 'The answer over HTTP has other headers.',
    effects: ['narrow', 'widen', 'incomparable'],
    advice: 'Clients wait and report by them: keep sending them.',
  },
  'coercion-changed': {
    summary: 'A value is read otherwise before it is checked: trimmed, lowered, parsed.',
    effects: ['incomparable', 'narrow', 'widen'],
    advice: 'Run the examples through both.',
  },
  'transform-weakened': {
    summary: 'The way from an older version to this one is no longer whole.',
    effects: ['widen'],
    advice: 'Old callers fail: mend the transform.',
  },
  'transform-strengthened': {
    summary: 'The way from an older version to this one is whole now.',
    effects: ['narrow'],
    advice: 'Nothing is to be done.',
  },
  'loss-added': {
    summary: 'A surface can no longer say something of the contract.',
    effects: ['incomparable'],
    advice: 'Models that are called through it send what the server refuses: change the schema so that the surface can say it.',
  },
  'loss-removed': {
    summary: 'A surface says something that it could not say before.',
    effects: ['narrow'],
    advice: 'Nothing is to be done.',
  },
  'tokens-grown': {
    summary: 'The definition of a tool costs a model more tokens.',
    effects: ['text'],
    advice: 'Say it shorter; detail belongs in the docs.',
  },
  'client-name-removed': {
    summary: 'A name that a generated client exported is gone.',
    effects: ['narrow'],
    advice: 'Keep it as an alias, or release the client as a new major version.',
  },
  'client-name-added': { summary: 'A generated client exports a new name.', effects: ['widen'], advice: 'Nothing is to be done.' },
  'client-needs-changed': {
    summary: 'A generated client needs another runtime, module format or peer.',
    effects: ['incomparable', 'narrow', 'widen'],
    advice: 'Release the client as a new major version.',
  },
  'emitter-drift': {
    summary: 'The contracts are the same, and a surface is written otherwise.',
    effects: ['equal'],
    advice: 'A new version of an emitter or of zod; prompts that hosts keep are read anew.',
  },
} as const satisfies Record<string, Rule>

export type RuleName = keyof typeof rules
