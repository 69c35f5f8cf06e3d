/**
 * How far each side goes ahead of the other, counted per counterparty over all its connections, torrents and runs.
 *
 * The payee: bytes served and not paid for <= `creditBytes`, however many connections the payer opens. Each connection
 * holds a reservation (its allowance minus what it paid); reservations and the balance carried from closed connections
 * never sum to more than the credit. An allowance only rises, so that data under way never breaks the rule; a share
 * shrinks by not growing with the next tick, or by `reclaim` once the connection rests.
 *
 * The payer: bytes paid for and not delivered <= `aheadLimit`, across reconnections too: a payee that takes an advance
 * and hangs up gets no second one.
 */

/** A sixteenth of what the other side already did is what it is trusted with. */
const TRUST_DIVISOR = 16;

/** Bytes that may be served ahead of payment: one unit at first contact, then a sixteenth of all that was paid, capped. */
export function creditBytes(paidBytes: number, unitBytes: number, capBytes: number): number {
  return Math.max(unitBytes, Math.min(capBytes, Math.floor(paidBytes / TRUST_DIVISOR)));
}

export interface SeatState {
  readonly id: number;
  readonly unitBytes: number;
  readonly capBytes: number;
  readonly servedBytes: number;
  readonly paidBytes: number;
  /** What may be served on this connection in all. Bytes. */
  readonly allowanceBytes: number;
}

/** What one payer owes us, as the payee counts it. */
export interface PayerAccount {
  /** Served minus paid by connections that are gone; negative is an advance of the payer. */
  readonly carriedBytes: number;
  /** All this payer ever paid for. */
  readonly historyBytes: number;
  /** Live connections that hold an accepted lane, longest without a grant first. */
  readonly seats: readonly SeatState[];
}

export function payerAccount(carriedBytes: number, historyBytes: number): PayerAccount {
  return { carriedBytes, historyBytes, seats: [] };
}

/** Served and not paid for. Bytes; negative is an advance. */
export function balanceBytes(account: PayerAccount): number {
  return account.seats.reduce((sum, seat) => sum + seat.servedBytes - seat.paidBytes, account.carriedBytes);
}

/** The most that may be served and unpaid now. Bytes. */
export function accountCredit(account: PayerAccount): number {
  return account.seats.reduce(
    (most, seat) => Math.max(most, creditBytes(account.historyBytes, seat.unitBytes, seat.capBytes)),
    0,
  );
}

export function joinAccount(
  account: PayerAccount,
  seat: { readonly id: number; readonly unitBytes: number; readonly capBytes: number },
): PayerAccount {
  const fresh: SeatState = { ...seat, servedBytes: 0, paidBytes: 0, allowanceBytes: 0 };
  return distribute({ ...account, seats: [...account.seats, fresh] });
}

/** The connection is gone: what it owes, or paid ahead, is carried on. */
export function leaveAccount(account: PayerAccount, id: number): PayerAccount {
  const seat = account.seats.find((s) => s.id === id);
  if (seat === undefined) return account;
  return distribute({
    ...account,
    carriedBytes: account.carriedBytes + seat.servedBytes - seat.paidBytes,
    seats: account.seats.filter((s) => s !== seat),
  });
}

export function noteServed(account: PayerAccount, id: number, servedBytes: number): PayerAccount {
  return { ...account, seats: account.seats.map((s) => (s.id === id ? { ...s, servedBytes } : s)) };
}

export function notePaid(account: PayerAccount, id: number, bytes: number): PayerAccount {
  return distribute({
    ...account,
    historyBytes: account.historyBytes + bytes,
    seats: account.seats.map((s) => (s.id === id ? { ...s, paidBytes: s.paidBytes + bytes } : s)),
  });
}

/**
 * A voucher paid for ticks that never arrived. What was served in return may have been forgotten with them (a crash of
 * ours), so this never makes a debt into more than an advance that the payer's own rule allows.
 */
export function noteRecovered(account: PayerAccount, bytes: number): PayerAccount {
  const historyBytes = account.historyBytes + bytes;
  const advance = -accountCredit({ ...account, historyBytes }) - (balanceBytes(account) - account.carriedBytes);
  const carriedBytes = Math.max(account.carriedBytes - bytes, Math.min(account.carriedBytes, advance));
  return distribute({ ...account, historyBytes, carriedBytes });
}

/** Takes back what a resting connection holds and does not use, for one that has nothing. */
export function reclaim(account: PayerAccount, id: number): PayerAccount {
  const seat = account.seats.find((s) => s.id === id);
  if (seat === undefined || account.seats.length < 2) return account;
  const resting = { ...seat, allowanceBytes: Math.max(seat.servedBytes, seat.paidBytes) };
  return distribute({ ...account, seats: [...account.seats.filter((s) => s !== seat), resting] });
}

/** True when the connection may not be served one more unit. */
export function starved(account: PayerAccount, id: number): boolean {
  const seat = account.seats.find((s) => s.id === id);
  return seat !== undefined && seat.servedBytes + seat.unitBytes > seat.allowanceBytes;
}

function distribute(account: PayerAccount): PayerAccount {
  const limit = accountCredit(account) - account.carriedBytes;
  let free = account.seats.reduce((sum, seat) => sum - (seat.allowanceBytes - seat.paidBytes), limit);
  if (free <= 0) return account;
  const count = account.seats.length;
  const seats = account.seats.map((seat): SeatState => {
    // Shares are whole units, so that two connections never hold half of one each and both wait.
    const target =
      count === 1 ? limit : Math.max(seat.unitBytes, Math.floor(limit / count / seat.unitBytes) * seat.unitBytes);
    const want = seat.paidBytes + target - seat.allowanceBytes;
    let grant = Math.min(want, free);
    if (count > 1 && grant < want) grant = Math.floor(grant / seat.unitBytes) * seat.unitBytes;
    if (grant <= 0) return seat;
    free -= grant;
    return { ...seat, allowanceBytes: seat.allowanceBytes + grant };
  });
  return { ...account, seats };
}

/** What the payer knows of one payee. Bytes. */
export interface PayeeRecord {
  readonly paidBytes: number;
  /** Verified against the torrent's hashes. */
  readonly deliveredBytes: number;
  /** What the payee says it served beyond that (lost under way, or invented): honoured within `aheadLimit`. */
  readonly lostBytes: number;
}

/** The most that is paid and not delivered, whatever the payee says or does. Bytes. */
export function aheadLimit(record: PayeeRecord, unitBytes: number, capBytes: number): number {
  return Math.max(unitBytes, Math.min(capBytes, Math.floor(record.deliveredBytes / TRUST_DIVISOR)));
}

export interface DueInput {
  readonly unitBytes: number;
  readonly capBytes: number;
  /** Asked of the payee on this connection and not delivered: nothing is paid ahead beyond it. */
  readonly askedBytes: number;
  /** Nothing more is wanted: pay what came, rounded up, and nothing ahead. */
  readonly finishing: boolean;
  /** Nothing came for a while although it was asked for: go to the limit, for the payee may wait for it. */
  readonly stuck: boolean;
  /** Less than this is not worth a message yet: a small part of the payee's credit, so that it never waits for it. @default 0 */
  readonly batchBytes?: number;
}

/**
 * Steps to reveal now. Before the first delivery nothing is paid ahead, unless the payee waits for it. In the normal run a
 * quarter of the limit, at least a unit, stays in reserve: when a connection breaks, what was under way on both sides is
 * lost, and without a reserve neither side could move again.
 */
export function stepsDue(record: PayeeRecord, input: DueInput): number {
  const { unitBytes, askedBytes } = input;
  const open = record.deliveredBytes - record.paidBytes;
  if (input.finishing) return Math.max(0, Math.ceil(open / unitBytes));
  if (askedBytes <= 0) return Math.max(0, Math.floor(open / unitBytes));
  const limit = aheadLimit(record, unitBytes, input.capBytes);
  const lost = Math.min(limit, Math.max(0, record.lostBytes));
  const room = limit - lost;
  const normal = record.deliveredBytes > 0 ? Math.max(0, room - Math.max(unitBytes, Math.floor(room / 4))) : 0;
  const ahead = lost + Math.min(askedBytes, input.stuck ? room : normal);
  // A unit that has begun is paid whole: a payee with one unit of credit would wait for the rest of it.
  const due = Math.max(0, Math.floor((open + ahead) / unitBytes), Math.ceil(open / unitBytes));
  return input.stuck || due * unitBytes >= (input.batchBytes ?? 0) ? due : 0;
}
