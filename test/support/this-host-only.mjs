// Loaded before a program: it fails when it asks another host for anything, also where it would not notice.
import { Socket } from 'node:net'

const { connect } = Socket.prototype
Socket.prototype.connect = function (...args) {
  const [first] = args.flat()
  const host = typeof first === 'object' ? (first?.host ?? 'localhost') : 'localhost'
  if (first?.path === undefined && !['127.0.0.1', '::1', 'localhost'].includes(host)) {
    console.error(`The program asked ${host}.`)
    process.exit(9)
  }
  return connect.apply(this, args)
}
