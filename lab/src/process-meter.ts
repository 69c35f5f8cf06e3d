/**
 * CPU time and peak memory of one process, seen from outside in /proc, the same way for every client: user and system
 * time of all its threads from `stat`, peak resident memory (`VmHWM`) from `status`. A process that ends between two
 * samples loses at most one interval of CPU time.
 */
import { readdirSync, readFileSync } from "node:fs";

const SAMPLE_MS = 20;
/** USER_HZ: 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

export interface Usage {
  readonly cpuSeconds: number;
  readonly maxRssMiB: number;
  /** Resident memory at the last look. */
  readonly rssMiB: number;
}

export interface ProcessMeter {
  /** Usage since `startProcessMeter`. */
  read(): Usage;
  stop(): Usage;
}

export function startProcessMeter(pid: number): ProcessMeter {
  const base = sample(pid)?.cpuSeconds ?? 0;
  let last: Usage = { cpuSeconds: base, maxRssMiB: 0, rssMiB: 0 };
  const take = (): void => {
    last = sample(pid) ?? last;
  };
  const timer = setInterval(take, SAMPLE_MS);
  const read = (): Usage => {
    take();
    return { ...last, cpuSeconds: last.cpuSeconds - base };
  };
  return {
    read,
    stop() {
      clearInterval(timer);
      return read();
    },
  };
}

/** CPU seconds of a process and of all that came from it and run: a browser is a dozen processes. */
export function treeCpuSeconds(pid: number): number {
  const parents = new Map<number, { parent: number; cpuSeconds: number }>();
  for (const name of readdirSync("/proc")) {
    const fields = /^\d+$/.test(name) ? statOf(name) : undefined;
    if (fields !== undefined)
      parents.set(Number(name), { parent: Number(fields[1]), cpuSeconds: cpuSecondsOf(fields) });
  }
  const descends = (from: number): boolean => {
    for (let at = from; at !== pid; at = parents.get(at)?.parent ?? 0) if (!parents.has(at)) return false;
    return true;
  };
  return [...parents].reduce((sum, [each, { cpuSeconds }]) => (descends(each) ? sum + cpuSeconds : sum), 0);
}

/** The fields after the name, which is in brackets and may hold spaces: the state comes first. */
function statOf(pid: number | string): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}

const cpuSecondsOf = (fields: readonly string[]): number =>
  (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;

function sample(pid: number): Usage | undefined {
  const fields = statOf(pid);
  if (fields === undefined) return undefined;
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    const kib = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status)?.[1]);
    // A process that has ended but was not reaped still has its times, and no memory.
    if (Number.isNaN(kib("VmHWM"))) return undefined;
    return { cpuSeconds: cpuSecondsOf(fields), maxRssMiB: kib("VmHWM") / 1024, rssMiB: kib("VmRSS") / 1024 };
  } catch {
    return undefined;
  }
}
