/** Who is meant by what an administrator has typed: an id, or a name. */
import type { LogEntry } from '../../api/types';
import { LIBRARY } from './address';

export interface LogPerson {
  id: string;
  name: string;
}

export function listActors(entries: readonly LogEntry[]): LogPerson[] {
  return entries.map(({ actor_id, actor }) => ({ id: actor_id ?? LIBRARY, name: actor }));
}

/** The people of that name, or, where nobody is called so, of names with that part. An id is taken as it is. */
export function findPeople(text: string, known: readonly LogPerson[]): LogPerson[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  if (/^\d+$/.test(wanted)) return [{ id: wanted, name: '' }];
  const people = [...new Map(known.map((person) => [person.id, person])).values()];
  const exact = people.filter(({ name }) => name.toLowerCase() === wanted);
  return exact.length > 0 ? exact : people.filter(({ name }) => name.toLowerCase().includes(wanted));
}
