// Who asks: a signed token, whose login must not have ended.
import jwt from 'jsonwebtoken'

import { pool } from './database.js'

const SECRET = process.env.JWT_SECRET

const SESSION = {
  name: 'session',
  text: `SELECT users.tenant_id, users.role FROM sessions JOIN users ON users.id = sessions.user_id
    WHERE sessions.id = $1 AND sessions.user_id = $2
      AND sessions.revoked_at IS NULL AND sessions.expires_at > now()`,
}

export async function login(request, response, next) {
  const [scheme, token] = (request.get('authorization') ?? '').split(' ')
  let claims
  try {
    if (scheme !== 'Bearer') throw new Error('no token')
    claims = jwt.verify(token, SECRET, { algorithms: ['HS256'] })
  } catch {
    response.status(401).json({ error: 'log in first' })
    return
  }
  const { rows } = await pool.query({ ...SESSION, values: [claims.sid, claims.sub] })
  if (rows.length === 0) {
    response.status(401).json({ error: 'log in first' })
    return
  }
  request.tenant = rows[0].tenant_id
  next()
}
