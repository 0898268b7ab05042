// The routes.
import express from 'express'

import { login } from './login.js'
import { newestConversations, newestMessages } from './reading.js'
import { inbound, signed, status } from './webhooks.js'

export const app = express()
app.disable('x-powered-by')

const form = express.urlencoded({ extended: false, limit: '1mb' })
app.post('/webhooks/sms', form, signed('To'), inbound)
app.post('/webhooks/status', form, signed('From'), status)
app.get('/conversations', login, newestConversations)
app.get('/conversations/:id/messages', login, newestMessages)

app.use((error, request, response, _next) => {
  console.error(request.method, request.path, error)
  response.status(500).json({ error: 'internal' })
})
