import { expect, test } from 'vitest'
import { Lru } from '../../src/serve/lru.js'

test('a map of two forgets the one that was not used for longest', () => {
  const map = new Lru<string, number>(2)
  map.set('a', 1)
  map.set('b', 2)
  expect(map.size).toBe(2)
  expect(map.get('a')).toBe(1)
  map.set('c', 3)
  expect([map.get('a'), map.get('b'), map.get('c'), map.size]).toEqual([1, undefined, 3, 2])
})

test('what is set again is new, and takes no second place', () => {
  const map = new Lru<string, number>(2)
  map.set('a', 1)
  map.set('b', 2)
  map.set('a', 3)
  map.set('c', 4)
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([3, undefined, 4])
})

test('what nobody set is not there, before and after it was asked for', () => {
  const map = new Lru<string, number>(2)
  expect(map.get('a')).toBeUndefined()
  expect(map.size).toBe(0)
})

test('what is deleted is gone', () => {
  const map = new Lru<string, number>(2)
  map.set('a', 1)
  map.delete('a')
  map.delete('b')
  expect([map.get('a'), map.size]).toEqual([undefined, 0])
})
