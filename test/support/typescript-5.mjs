// Loaded before a generator of clients: `typescript` is 5.9 for it, since 7 has no interface for programs yet.
import { registerHooks } from 'node:module'

registerHooks({
  resolve: (specifier, context, next) => next(specifier === 'typescript' ? 'typescript-5' : specifier, context),
})
