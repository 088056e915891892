import type { Socket } from 'node:net'

/** A message between server and child: a small JSON header and, for results, bytes that are passed on as they are. */
export interface Frame<Header> {
  readonly header: Header
  readonly body: Buffer
}

const prefixBytes = 8

/** Writes a frame: two 32-bit lengths, the header as JSON, the body as UTF-8. */
export const writeFrame = (socket: Socket, header: unknown, body = ''): void => {
  const head = JSON.stringify(header)
  const headBytes = Buffer.byteLength(head)
  const bodyBytes = Buffer.byteLength(body)
  const frame = Buffer.allocUnsafe(prefixBytes + headBytes + bodyBytes)
  frame.writeUInt32LE(headBytes, 0)
  frame.writeUInt32LE(bodyBytes, 4)
  frame.write(head, prefixBytes)
  if (bodyBytes > 0) frame.write(body, prefixBytes + headBytes)
  socket.write(frame)
}

/** Calls back with every whole frame that arrives. */
export const readFrames = <Header>(socket: Socket, onFrame: (frame: Frame<Header>) => void): void => {
  let parts: Buffer[] = []
  let size = 0
  let wanted = prefixBytes
  socket.on('data', (chunk: Buffer) => {
    parts.push(chunk)
    size += chunk.length
    if (size < wanted) return
    let data = parts.length === 1 ? chunk : Buffer.concat(parts, size)
    while (data.length >= prefixBytes) {
      const headEnd = prefixBytes + data.readUInt32LE(0)
      const end = headEnd + data.readUInt32LE(4)
      if (data.length < end) {
        wanted = end
        break
      }
      const frame = { header: JSON.parse(data.toString('utf8', prefixBytes, headEnd)) as Header, body: data.subarray(headEnd, end) }
      data = data.subarray(end)
      wanted = prefixBytes
      onFrame(frame)
    }
    parts = data.length === 0 ? [] : [data]
    size = data.length
  })
}
