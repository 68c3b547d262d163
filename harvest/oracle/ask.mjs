// Reads one JSON question a line, {"path", "from", "to"} with seconds, and prints one JSON answer a line: {"error"}, or {"items": {UID: {"spans":
// [[start, end]], "unknown"}}} with all dates of that UID that start in [from, to), in seconds; unknown says that a zone is not known there, so that
// its times are taken as floating. Floating times, and dates, are those of the environment's TZ. VEVENTs without UID stand together under "".
import { createInterface } from 'node:readline'
import { readFileSync } from 'node:fs'
import { Worker, isMainThread, parentPort } from 'node:worker_threads'
import ICAL from 'ical.js'

const seconds = time => Math.round(time.toJSDate().getTime() / 1000)
const cancelled = component => component.getFirstPropertyValue('status') === 'CANCELLED'

const unknownZone = component => component.getAllProperties().some(p => {
  const value = p.getFirstValue()
  return value instanceof ICAL.Time && p.getParameter('tzid') && !value.isDate && value.zone === ICAL.Timezone.localTimezone
})

function answer ({ path, from, to }) {
  const parsed = ICAL.parse(readFileSync(path, 'utf8'))
  const roots = Array.isArray(parsed[0]) ? parsed : [parsed]
  const bare = roots.filter(root => root[0] === 'vevent') // events without a calendar around them
  const calendars = [...roots.filter(root => root[0] !== 'vevent'), ...(bare.length ? [['vcalendar', [], bare]] : [])]
  const items = {}
  for (const calendar of calendars) {
    const byUID = new Map()
    for (const component of new ICAL.Component(calendar).getAllSubcomponents('vevent')) {
      if (!component.getFirstPropertyValue('dtstart')) continue
      const uid = String(component.getFirstPropertyValue('uid') ?? '').trim()
      if (!byUID.has(uid)) byUID.set(uid, { masters: [], changes: [] })
      byUID.get(uid)[component.hasProperty('recurrence-id') ? 'changes' : 'masters'].push(component)
    }
    const sequence = c => Number(c.getFirstPropertyValue('sequence') ?? 0)
    const newest = list => list.filter(c => sequence(c) === Math.max(...list.map(sequence)))
    for (let [uid, { masters, changes }] of byUID) {
      const item = items[uid] ??= { spans: [], unknown: false }
      item.unknown ||= [...masters, ...changes].some(unknownZone)
      const add = (start, end) => {
        const s = seconds(start)
        if (s >= from && s < to) item.spans.push([s, seconds(end)])
      }
      if (uid !== '') masters = newest(masters)
      const id = c => String(c.getFirstPropertyValue('recurrence-id').toUnixTime())
      changes = [...new Set(changes.map(id))].map(key => newest(changes.filter(c => id(c) === key))[0])
      const used = new Set()
      for (const master of masters) {
        const event = new ICAL.Event(master, { exceptions: changes })
        if (!event.isRecurring()) {
          add(event.startDate, event.endDate)
          continue
        }
        const iterator = event.iterator()
        for (let n = 0, next; n < 20000 && (next = iterator.next()); n++) {
          if (seconds(next) >= to) break
          const { item: of, startDate, endDate } = event.getOccurrenceDetails(next)
          if (of !== event) used.add(of.component)
          if (of === event || !cancelled(of.component)) add(startDate, endDate)
        }
      }
      for (const change of changes) {
        if (used.has(change) || (masters.length && cancelled(change))) continue
        const event = new ICAL.Event(change)
        add(event.startDate, event.endDate)
      }
    }
  }
  return { items }
}

// ical.js does not come back from some broken calendars: it works in a thread that can be ended.
const patience = 8000

if (isMainThread) {
  let worker
  for await (const line of createInterface({ input: process.stdin })) {
    worker ??= new Worker(new URL(import.meta.url))
    const out = await new Promise(resolve => {
      const timer = setTimeout(() => {
        worker.terminate()
        worker = undefined
        resolve({ error: 'no answer in time' })
      }, patience)
      worker.once('message', answer => { clearTimeout(timer); resolve(answer) })
      worker.postMessage(line)
    })
    console.log(JSON.stringify(out))
  }
  worker?.terminate()
} else {
  parentPort.on('message', line => {
    let out
    try { out = answer(JSON.parse(line)) } catch (e) { out = { error: String(e).slice(0, 200) } }
    parentPort.postMessage(out)
  })
}
