import { Random } from './random.ts';

const WORDS =
  `account active address amount archive balance batch branch bucket cache category channel city client cluster code
  color comment company config contact content count country created currency customer default delivery device discount
  document domain email enabled entry error event expires failed field file filter format gateway group handler header
  history host image index invoice item key label language last layer level limit line link list local locked log mail
  manager member message method mobile mode model module month name network node note number office online open option
  order owner package page parent partner payment pending percent phone picture place plan point policy position price
  priority private product profile project public quantity queue rate reason record region release remote report request
  response result retry role route rule sample schedule scope score section secure select sender service session setting
  shipping size source stage start state status store stream street subject summary support table target task team
  template text thread time title token total track transfer type unit update user valid value vendor version view
  volume warning week weight window worker year zone`.split(/\s+/);

/** Text as services store it: JSON records, one after the other. About a fifth of it is left by gzip. */
export function textPool(bytes: number, seed: number): Buffer {
  const random = new Random(seed);
  const word = () => WORDS[random.below(WORDS.length)]!;
  const pool = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; ) {
    const record = {
      id: random.below(1e9),
      name: `${word()}-${word()}`,
      state: random.below(4) === 0 ? 'pending' : 'active',
      owner: { name: word(), email: `${word()}.${word()}@example.com` },
      created: new Date(1.6e12 + random.below(2e11)).toISOString(),
      labels: [word(), word(), word()],
      price: random.below(100_000) / 100,
      note: `${word()} ${word()} ${word()} ${word()} ${word()} ${word()}`,
    };
    at += pool.write(`${JSON.stringify(record)}\n`, at);
  }
  return pool;
}
