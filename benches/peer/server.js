// Two processes that share one port, as Node uses two cores. Both answer requests; with
// SEND=1 both also send what waits.
import cluster from 'node:cluster'

import { app } from './app.js'
import { sendForever } from './sending.js'

const PROCESSES = Number(process.env.PROCESSES ?? 2)

if (cluster.isPrimary) {
  const addresses = []
  cluster.on('listening', (_, address) => {
    addresses.push(address)
    if (addresses.length === PROCESSES) {
      console.log(`listening on http://127.0.0.1:${address.port}`)
    }
  })
  cluster.on('exit', (worker, code, signal) => {
    console.error(`process ${worker.process.pid} ended: ${signal ?? code}`)
    process.exit(1)
  })
  for (let n = 0; n < PROCESSES; n += 1) cluster.fork()
} else {
  process.on('disconnect', () => process.exit(0))
  app.listen(0, '127.0.0.1')
  if (process.env.SEND === '1') void sendForever()
}
