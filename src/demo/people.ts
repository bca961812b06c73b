import type { Role } from '../store/types.js'

/** The password of every demo account. Anybody can read it here, so it opens loopback stores only. */
export const DEMO_PASSWORD = 'demo-password-zuko'

/** Who lives in the demo CRM; tasks know them by `key`. */
export const DEMO_PEOPLE = [
  { key: 'ada', email: 'ada@example.com', name: 'Ada Okafor' },
  { key: 'grace', email: 'grace@example.com', name: 'Grace Lindqvist' },
  { key: 'mateo', email: 'mateo@example.com', name: 'Mateo Rivera' },
  { key: 'priya', email: 'priya@example.com', name: 'Priya Nair' },
  { key: 'yuki', email: 'yuki@example.com', name: 'Yuki Tanaka' },
] as const

export type DemoPerson = (typeof DEMO_PEOPLE)[number]['key']

export interface DemoOrganization {
  name: string
  slug: string
  members: Partial<Record<DemoPerson, Role>>
}

/** Ada belongs to all three, Mateo to one. */
export const DEMO_ORGANIZATIONS = {
  juniper: {
    name: 'Juniper Coffee Roasters',
    slug: 'juniper',
    members: { ada: 'owner', mateo: 'admin', priya: 'member' },
  },
  northlight: {
    name: 'Northlight Solar',
    slug: 'northlight',
    members: { grace: 'owner', ada: 'admin', yuki: 'member' },
  },
  harbor: {
    name: 'Harbor Design Studio',
    slug: 'harbor',
    members: { yuki: 'owner', priya: 'admin', ada: 'member' },
  },
} as const satisfies Record<string, DemoOrganization>
