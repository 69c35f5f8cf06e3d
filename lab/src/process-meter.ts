/**
 * CPU time and peak memory of one process, seen from outside in /proc, the same way for every client: user and system
 * time of all its threads from `stat`, peak resident memory (`VmHWM`) from `status`. A process that ends between two
 * samples loses at most one interval of CPU time.
 */
import { readFileSync } from "node:fs";

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

function sample(pid: number): Usage | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name in brackets may hold spaces: fields are counted after it (the state is field 3).
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const cpuSeconds = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    const kib = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status)?.[1]);
    // A process that has ended but was not reaped still has its times, and no memory.
    if (Number.isNaN(kib("VmHWM"))) return undefined;
    return { cpuSeconds, maxRssMiB: kib("VmHWM") / 1024, rssMiB: kib("VmRSS") / 1024 };
  } catch {
    return undefined;
  }
}
