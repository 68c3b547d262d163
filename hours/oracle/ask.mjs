// Reads one JSON question a line, {"value", "at": [seconds], "next": [seconds]},
// and prints one JSON answer a line: {"error"} or {"warnings", "states": one of o
// (open), u (unknown), c (closed), e (no answer) per instant, "next": seconds of
// the next change of state, null for none within the horizon, -1 for no answer}.
// Wall time is that of the environment's TZ; the place is Bad Belzig.
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const OpeningHours = createRequire(import.meta.url)('opening_hours')
const place = { lat: '52.14', lon: '12.59', address: { country_code: 'de', state: 'Brandenburg' } }
const horizon = 700 * 86400
const rangesAndPoints = 2

const letter = (oh, date) => (oh.getState(date) ? 'o' : oh.getUnknown(date) ? 'u' : 'c')

function nextChange (oh, seconds) {
  const start = letter(oh, new Date(seconds * 1000))
  const limit = new Date((seconds + horizon) * 1000)
  let at = new Date(seconds * 1000)
  for (let steps = 0; steps < 400; steps++) {
    at = oh.getNextChange(at, limit)
    if (at === undefined || at > limit) return null
    if (letter(oh, at) !== start) return at.getTime() / 1000
  }
  return -1
}

const attempt = (f, otherwise) => { try { return f() } catch { return otherwise } }

for await (const line of createInterface({ input: process.stdin })) {
  const { value, at, next } = JSON.parse(line)
  const answer = attempt(() => {
    const oh = new OpeningHours(value, place, { mode: rangesAndPoints })
    return {
      warnings: oh.getWarnings().length,
      states: at.map(s => attempt(() => letter(oh, new Date(s * 1000)), 'e')).join(''),
      next: next.map(s => attempt(() => nextChange(oh, s), -1))
    }
  }, { error: true })
  console.log(JSON.stringify(answer))
}
